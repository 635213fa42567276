package dev.inlay.training.run;

import dev.inlay.InlayException;
import dev.inlay.adapter.Slot;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.adapter.peft.PeftWriter;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;

/** The tensors of a checkpoint: the adapter as a PEFT directory, and AdamW's two moments beside it. */
final class CheckpointFiles {
    private static final String MEAN = "mean";
    private static final String SQUARE = "square";

    private final PeftWriter writer;
    private final BaseModel base;

    CheckpointFiles(PeftWriter writer, BaseModel base) {
        this.writer = writer;
        this.base = base;
    }

    /** Writes all tensors of a trainer into an empty directory. */
    void write(Path directory, Trainer trainer) throws IOException {
        writer.fill(directory, trainer.parameters().parts());
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

    /** Reads an adapter directory for no other reason than to know that it can be read. */
    void requireReadable(Path directory) {
        try (Scope scope = Scope.open()) {
            PeftDirectory.read(directory, base, Set.of());
        }
    }

    private void pairs(Path directory, Trainer trainer, BiConsumer<Tensor, Tensor> visitor) {
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(directory.resolve(CheckpointState.OPTIMISER))) {
            Map<Slot, Tensor> stored =
                    PeftDirectory.read(directory, base, Set.of()).parts().tensors();
            Map<Slot, Tensor> live = trainer.parameters().parts().tensors();
            if (!stored.keySet().equals(live.keySet())) {
                throw InlayException.adapter(
                        "%s: holds %d tensors, the run trains %d, or others", directory, stored.size(), live.size());
            }
            live.forEach((slot, tensor) -> visit(directory, Objects.requireNonNull(stored.get(slot)), tensor, visitor));
            Optimiser optimiser = trainer.optimiser();
            visit(directory, file.load(file.tensor(MEAN)), optimiser.mean(), visitor);
            visit(directory, file.load(file.tensor(SQUARE)), optimiser.square(), visitor);
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
