package dev.inlay.training.run;

import dev.inlay.InlayException;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.training.Optimiser;
import dev.inlay.training.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The tensors of a checkpoint: what is trained, and AdamW's two moments beside it. */
final class CheckpointFiles {
    private static final String MEAN = "mean";
    private static final String SQUARE = "square";

    private final Product product;

    CheckpointFiles(Product product) {
        this.product = product;
    }

    Product product() {
        return product;
    }

    /** The files that must be as they were written. */
    List<String> exact() {
        List<String> names = new ArrayList<>(product.exactFiles());
        names.add(CheckpointState.OPTIMISER);
        return names;
    }

    /** Writes all tensors of a trainer into an empty directory. */
    void write(Path directory, Trainer trainer) throws IOException {
        product.write(directory);
        Files.createDirectory(directory.resolve(CheckpointState.FOLDER));
        Optimiser optimiser = trainer.optimiser();
        List<NewTensor> moments =
                List.of(NewTensor.of(MEAN, optimiser.mean()), NewTensor.of(SQUARE, optimiser.square()));
        SafetensorsWriter.write(directory.resolve(CheckpointState.OPTIMISER), moments, Map.of());
    }

    /** Copies all tensors of a directory into a trainer. */
    void restore(Path directory, Trainer trainer) {
        pairs(directory, trainer, (stored, live) -> live.copyFrom(stored));
    }

    /** Checks that all tensors of a directory are, bit for bit, those of a trainer. */
    void requireSame(Path directory, Trainer trainer) {
        pairs(directory, trainer, (stored, live) -> {
            if (stored.minus(live).maxAbs() != 0) {
                throw InlayException.data("%s: what was read again is not what was written; check the disk", directory);
            }
        });
    }

    private void pairs(Path directory, Trainer trainer, BiConsumer<Tensor, Tensor> visitor) {
        BiConsumer<Tensor, Tensor> checked = (stored, live) -> visit(directory, stored, live, visitor);
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(directory.resolve(CheckpointState.OPTIMISER))) {
            product.pairs(directory, checked);
            Optimiser optimiser = trainer.optimiser();
            checked.accept(file.load(file.tensor(MEAN)), optimiser.mean());
            checked.accept(file.load(file.tensor(SQUARE)), optimiser.square());
        }
    }

    private static void visit(Path directory, Tensor stored, Tensor live, BiConsumer<Tensor, Tensor> visitor) {
        if (!Arrays.equals(stored.shape(), live.shape())) {
            throw InlayException.adapter(
                    "%s: a tensor has the shape %s where the run has %s",
                    directory, Arrays.toString(stored.shape()), Arrays.toString(live.shape()));
        }
        visitor.accept(stored, live);
    }
}
