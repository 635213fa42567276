package dev.inlay.adapter.exchange;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.testing.Golden;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A recorded model with its recorded adapters, and what peft computes with them. */
public record Recorded(String model) {
    public ModelDirectory directory() {
        return ModelDirectory.open(Golden.path(model).resolve("model"));
    }

    public Path adapter(String name) {
        return Golden.path(model).resolve("adapters").resolve(name);
    }

    /** The adapter as the strict reader reads it, owned by the caller's scope. */
    public Adapter read(String name) {
        return read(adapter(name));
    }

    public Adapter read(Path adapter) {
        return PeftDirectory.read(adapter, BaseModel.of(directory()), Set.of()).adapter();
    }

    /** Largest distance of the adapter's logits from those recorded under a name. */
    public double distance(Adapter adapter, String name) {
        Map<String, Tensor> cases = Golden.tensors(Golden.path(model).resolve("cases.safetensors"));
        double largest = 0;
        try (Decoder decoder = directory().load(DType.FLOAT32, Device.CPU)) {
            for (String row : List.of("row0", "row1")) {
                Pass pass = Pass.over(Rows.of(Golden.ids(tensor(cases, row + ".input_ids"))), List.of(adapter));
                Tensor logits = decoder.logits(decoder.hidden(pass), pass);
                largest = Math.max(largest, Golden.difference(tensor(cases, row + "." + name + ".logits"), logits));
            }
        }
        return largest;
    }

    private static Tensor tensor(Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new AssertionError("not recorded: " + name);
        }
        return tensor;
    }

    /** Writes the tensors of a file under other names. */
    static void rename(Path from, Path to, UnaryOperator<String> names) {
        try (SafetensorsFile file = SafetensorsFile.open(from)) {
            List<NewTensor> tensors = new ArrayList<>();
            file.tensors()
                    .forEach((name, tensor) ->
                            tensors.add(NewTensor.copyOf(file, tensor).named(names.apply(name))));
            SafetensorsWriter.write(to, tensors, file.metadata());
        }
    }
}
