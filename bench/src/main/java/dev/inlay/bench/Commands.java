package dev.inlay.bench;

import dev.inlay.engine.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The command lines of all jobs.
 *
 * @param root of the repository
 * @param python with torch, transformers and peft
 * @param float32 model directory
 * @param bfloat16 the same model, rounded
 * @param small model directory whose weights are all trained
 */
record Commands(Path root, Path python, Path float32, Path bfloat16, Path small, Sizes sizes) {
    private static final int FIRST_JAVA_THAT_ASKS_FOR_NATIVE_ACCESS = 22;

    List<String> of(Side side, Case job) {
        List<String> command = new ArrayList<>(side == Side.OURS ? java(job) : python(job));
        add(command, "--model", model(job));
        add(command, "--dtype", job.dtypeName());
        add(command, "--threads", job.threads());
        switch (job.kind()) {
            case TRAINING -> steps(command, sizes.batch());
            case PRETRAINING -> steps(command, sizes.pretrainingBatch());
            case GENERATION -> {
                add(command, "--prompt", sizes.prompt());
                add(command, "--tokens", sizes.tokens());
                add(command, "--runs", sizes.runs());
            }
        }
        return command;
    }

    /** Where all weights are trained they are float32, and the type is what it is computed in. */
    private Path model(Case job) {
        if (job.kind() == Case.Kind.PRETRAINING) {
            return small;
        }
        return job.dtype() == DType.FLOAT32 ? float32 : bfloat16;
    }

    private void steps(List<String> command, int batch) {
        add(command, "--batch", batch);
        add(command, "--length", sizes.length());
        add(command, "--warm-up", sizes.warmUp());
        add(command, "--steps", sizes.steps());
    }

    List<String> ceiling(List<Integer> threads) {
        List<String> command = new ArrayList<>(java(MachineCeiling.class));
        add(command, "--model", float32);
        add(command, "--threads", threads.stream().map(String::valueOf).collect(Collectors.joining(",")));
        add(command, "--rows", sizes.ceilingRows());
        add(command, "--bytes", sizes.ceilingBytes());
        add(command, "--seconds", sizes.ceilingSeconds());
        return command;
    }

    List<String> startUp(Path model, int runs) {
        List<String> command = new ArrayList<>(java(StartUp.class));
        add(command, "--root", root);
        add(command, "--model", model);
        add(command, "--runs", runs);
        return command;
    }

    /** A Java process with the options that {@code ./inlay} starts with. */
    static List<String> java(Class<?> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        if (Runtime.version().feature() >= FIRST_JAVA_THAT_ASKS_FOR_NATIVE_ACCESS) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        return command;
    }

    private static List<String> java(Case job) {
        return java(
                switch (job.kind()) {
                    case TRAINING -> TrainingJob.class;
                    case GENERATION -> GenerationJob.class;
                    case PRETRAINING -> PretrainJob.class;
                });
    }

    private List<String> python(Case job) {
        String script = switch (job.kind()) {
            case TRAINING -> "peft_train.py";
            case GENERATION -> "transformers_generate.py";
            case PRETRAINING -> "pretrain.py";
        };
        return List.of(
                python.toString(),
                root.resolve("tools").resolve("baseline").resolve(script).toString());
    }

    private static void add(List<String> command, String option, Object value) {
        command.add(option);
        command.add(String.valueOf(value));
    }
}
