package dev.inlay.app.experiments.modular;

import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The cells that share a base: it is trained once, then each arm starts from it. Base and cells are files, and what is
 * there is read instead of computed.
 *
 * @param arms random ones last, because they have the norms of trained ones
 */
record Group(ModularOptions options, Base base, int depth, int seed, List<Arm> arms) {
    /** Work of an epoch of tuning over that of an epoch of pre-training. */
    private static final double TUNING_WORK = .6;

    /** Share of the most epochs that pre-training is expected to need. */
    private static final double EXPECTED_SHARE = .3;

    Group {
        arms = List.copyOf(arms);
    }

    /** All groups of an experiment. */
    static List<Group> of(ModularOptions options) {
        List<Group> groups = new ArrayList<>();
        for (Base base : Base.values()) {
            List<Arm> arms = options.parsedArms().stream()
                    .filter(arm -> arm.base() == base)
                    .sorted((a, b) -> Boolean.compare(a.kind() == Arm.Kind.RANDOM, b.kind() == Arm.Kind.RANDOM))
                    .toList();
            for (int seed = 0; seed < options.seeds() && !arms.isEmpty(); seed++) {
                for (int depth : options.depths()) {
                    groups.add(new Group(options, base, depth, seed, arms));
                }
            }
        }
        return groups;
    }

    /** Expected work, in block applications to all pairs. */
    long work() {
        return expected() + arms.size() * tuningWork();
    }

    private long expected() {
        return (long) (EXPECTED_SHARE * options.pretraining().epochs() * depth);
    }

    private long tuningWork() {
        return (long) (TUNING_WORK * options.tuning().epochs() * depth);
    }

    /**
     * Computes what is not there.
     *
     * @param directory of the files
     * @param progress gets work done, in steps
     */
    List<Cell> cells(Path directory, LongConsumer progress) {
        Sizes sizes = new Sizes(options.modulus(), options.width(), depth, base);
        Seeds seeds = new Seeds(seed);
        Steps steps = new Steps(progress);
        String name = base.text() + "-depth-" + depth + "-seed-" + seed;
        Path weights = directory.resolve(name + ".safetensors");
        Path record = directory.resolve(name + ".json");
        if (!Files.exists(record)) {
            pretrain(sizes, seeds, weights, record, steps);
        }
        steps.reach(expected());
        BaseRecord known = BaseRecord.read(record);
        List<Cell> cells = new ArrayList<>();
        for (Arm arm : arms) {
            long before = expected() + cells.size() * tuningWork();
            Path file = directory.resolve(name + "-" + arm.text().replace(' ', '-') + ".json");
            if (known.accuracy() < options.accuracy()) {
                cells.add(Cell.failed(arm, depth, seed, known));
            } else {
                if (!Files.exists(file)) {
                    try (Scope scope = Scope.open()) {
                        FineTuning tuning = new FineTuning(sizes, options, seeds, read(weights));
                        tuned(
                                        tuning,
                                        arm,
                                        known,
                                        cells,
                                        epoch -> steps.reach(before + (long) (TUNING_WORK * depth * epoch)))
                                .write(file);
                    }
                }
                cells.add(Cell.read(file, known));
            }
            steps.reach(before + tuningWork());
        }
        return cells;
    }

    private void pretrain(Sizes sizes, Seeds seeds, Path weights, Path record, Steps steps) {
        try (Scope scope = Scope.open()) {
            Pretraining.Result result = new Pretraining(sizes, options, seeds)
                    .run(epoch -> steps.reach(Math.min(expected(), (long) epoch * depth)));
            SafetensorsWriter.write(weights, List.of(NewTensor.of("values", result.values())), Map.of("format", "1"));
            new BaseRecord(result.epochs(), result.accuracy()).write(record);
        }
    }

    private static Tensor read(Path weights) {
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            return file.load(file.tensor("values"), DType.FLOAT32);
        }
    }

    private Cell tuned(FineTuning tuning, Arm arm, BaseRecord known, List<Cell> done, IntConsumer epoch) {
        FineTuning.Result result = arm.kind() == Arm.Kind.RANDOM
                ? tuning.random(arm, curveOf(arm.trained(), done), epoch)
                : tuning.trained(arm, epoch);
        Forward forward = new Forward(tuning.sizes());
        Examples addition = Examples.of(
                options.modulus(), IntStream.range(0, tuning.sizes().pairs()).toArray());
        Weights before = tuning.weights();
        List<ValueChange> values = new ArrayList<>();
        for (int b = 0; b < tuning.sizes().blocks(); b++) {
            values.add(ValueChange.of(
                    before.block(b).projection(Projection.VALUE),
                    result.weights().block(b).projection(Projection.VALUE)));
        }
        return new Cell(
                arm,
                depth,
                seed,
                known,
                result.curve(),
                Layers.of(forward, before, addition),
                Layers.of(forward, result.weights(), addition),
                values);
    }

    private static Curve curveOf(Arm arm, List<Cell> done) {
        return done.stream()
                .filter(cell -> cell.arm().equals(arm))
                .findFirst()
                .orElseThrow()
                .curve();
    }

    /** Turns work reached into steps of it. */
    private static final class Steps {
        private final LongConsumer progress;
        private long reached;

        Steps(LongConsumer progress) {
            this.progress = progress;
        }

        void reach(long work) {
            if (work > reached) {
                progress.accept(work - reached);
                reached = work;
            }
        }
    }
}
