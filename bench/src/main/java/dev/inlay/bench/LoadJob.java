package dev.inlay.bench;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Opens a model directory and reads its weights, once.
 *
 * <p>Prints {@code open_s} (configuration, names and shapes), {@code load_s} (the values), {@code bytes_per_s} (of the
 * files), {@code file_bytes} (of the tensors), {@code weight_bytes} (the same in the type that is computed with), {@code
 * start_rss_bytes} (the process with its native library, before) and {@code peak_per_byte}: (peak - start) / weight_bytes.
 */
public final class LoadJob {
    /** Options of the command line. */
    interface Settings {
        @Option(names = "--model", required = true)
        Path model();

        @Option(names = "--dtype", description = "float32 or bfloat16; as stored when absent")
        @Nullable
        DType dtype();
    }

    private LoadJob() {}

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, LoadJob::measure);
    }

    static Map<String, Object> measure(Settings settings) {
        awaken();
        long before = ProcessCost.peakRssBytes().orElse(0);
        long start = System.nanoTime();
        ModelDirectory model = ModelDirectory.open(settings.model());
        long opened = System.nanoTime();
        DType type = settings.dtype() == null ? model.storedType() : settings.dtype();
        Map<String, Object> report = new LinkedHashMap<>();
        try (Decoder decoder = model.load(type, Device.CPU)) {
            double seconds = (System.nanoTime() - opened) / 1e9;
            long weights = model.byteCount() / model.storedType().bytes() * type.bytes();
            long peak = ProcessCost.peakRssBytes().orElse(0);
            report.put("family", decoder.config().family());
            report.put("dtype", type.name().toLowerCase(Locale.ROOT));
            report.put("open_s", (opened - start) / 1e9);
            report.put("load_s", seconds);
            report.put("bytes_per_s", model.byteCount() / seconds);
            report.put("file_bytes", model.byteCount());
            report.put("weight_bytes", weights);
            report.put("start_rss_bytes", before);
            report.put("peak_per_byte", (double) (peak - before) / weights);
        }
        ProcessCost.addTo(report);
        return report;
    }

    /** The native library is loaded with the first tensor. */
    private static void awaken() {
        try (Scope scope = Scope.open()) {
            Tensor.full(1, DType.FLOAT32, Device.CPU, 2).maxAbs();
        }
    }
}
