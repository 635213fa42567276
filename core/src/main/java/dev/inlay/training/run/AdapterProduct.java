package dev.inlay.training.run;

import dev.inlay.InlayException;
import dev.inlay.adapter.Slot;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.adapter.peft.PeftWriter;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.training.Parameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * An adapter as a PEFT directory: {@code adapter_config.json}, {@code adapter_model.safetensors}, {@code README.md}.
 *
 * @param writer describes the run's adapter
 */
public record AdapterProduct(Parameters parameters, PeftWriter writer, BaseModel base) implements Product {
    @Override
    public String name() {
        return "adapter";
    }

    @Override
    public List<String> exactFiles() {
        return List.of("adapter_config.json", "adapter_model.safetensors");
    }

    @Override
    public void write(Path directory) throws IOException {
        writer.fill(directory, parameters.parts());
    }

    @Override
    public void pairs(Path directory, BiConsumer<Tensor, Tensor> visitor) {
        Map<Slot, Tensor> stored =
                PeftDirectory.read(directory, base, Set.of()).parts().tensors();
        Map<Slot, Tensor> live = parameters.parts().tensors();
        if (!stored.keySet().equals(live.keySet())) {
            throw InlayException.adapter(
                    "%s: holds %d tensors, the run trains %d, or others", directory, stored.size(), live.size());
        }
        live.forEach((slot, tensor) -> visitor.accept(Objects.requireNonNull(stored.get(slot)), tensor));
    }

    @Override
    public void requireReadable(Path directory) {
        try (Scope scope = Scope.open()) {
            PeftDirectory.read(directory, base, Set.of());
        }
    }
}
