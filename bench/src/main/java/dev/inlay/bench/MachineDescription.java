package dev.inlay.bench;

import dev.inlay.model.DecoderConfig;
import dev.inlay.model.ModelDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where and with what a comparison ran: the lines that make its numbers worth something later. */
final class MachineDescription {
    private static final Pattern LIBTORCH =
            Pattern.compile("pytorch-(\\d[\\w.]*)-\\d[\\w.]*(?:-[a-z]\\w*-\\w+)?\\.jar");
    private static final String UNKNOWN = "unknown";

    private MachineDescription() {}

    /** Name and value, in the order of the report. */
    static Map<String, String> of(Commands commands) {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        lines.put("commit", commit(commands.root()));
        lines.put("processor", processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
        lines.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        lines.put("JDK", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        lines.put("libtorch (ours)", libtorch(System.getProperty("java.class.path")));
        lines.put("theirs", python(commands.python()));
        lines.put("model", model(ModelDirectory.open(commands.float32())));
        return lines;
    }

    private static String model(ModelDirectory model) {
        DecoderConfig config = model.config();
        return String.format(
                Locale.ROOT,
                "%s, %.1fM parameters in matrix products: %d layers, width %d, %d/%d heads, feed-forward %d, vocabulary %d",
                config.family(),
                TrainingJob.matrixParameters(model.sites()) / 1e6,
                config.layers(),
                config.width(),
                config.attention().heads(),
                config.attention().keyValueHeads(),
                config.feedForward(),
                config.vocabulary());
    }

    private static String commit(Path root) {
        String head = output(List.of("git", "-C", root.toString(), "rev-parse", "--short=10", "HEAD"));
        String changed = output(List.of("git", "-C", root.toString(), "status", "--porcelain", "--untracked-files=no"));
        return changed.isEmpty() || changed.equals(UNKNOWN) ? head : head + " with uncommitted changes";
    }

    private static String python(Path python) {
        String program = "import importlib.metadata as m\n"
                + "print(', '.join(f'{p} {m.version(p)}' for p in ('torch', 'transformers', 'peft')))";
        return output(List.of(python.toString(), "-c", program));
    }

    /** Linux names the processor; elsewhere only its architecture is known. */
    private static String processor() {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(file)) {
            return System.getProperty("os.arch");
        }
        try (Stream<String> lines = Files.lines(file)) {
            return processor(lines).orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    static Optional<String> processor(Stream<String> lines) {
        return lines.filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }

    /** The version in the name of JavaCPP's jar. */
    static String libtorch(String classPath) {
        Matcher matcher = LIBTORCH.matcher(classPath);
        return matcher.find() ? matcher.group(1) : UNKNOWN;
    }

    private static String output(List<String> command) {
        try {
            Process process = JobProcess.builder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = process.waitFor(1, TimeUnit.MINUTES);
            return ended && process.exitValue() == 0 ? text.strip() : UNKNOWN;
        } catch (IOException e) {
            return UNKNOWN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        }
    }
}
