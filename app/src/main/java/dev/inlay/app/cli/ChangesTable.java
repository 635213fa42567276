package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.adapter.Spectrum;
import dev.inlay.analysis.AdapterChanges;
import dev.inlay.analysis.ModuleChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What an adapter changes, module by module, as a table for people, as CSV and as JSON.
 *
 * @param top how many singular values of each module are shown
 */
record ChangesTable(AdapterChanges changes, int top) {
    /** A table for people; empty where nothing was measured. */
    List<String> lines() {
        if (changes.modules().isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        lines.add("energy by kind   " + shares(changes.energyByKind()));
        lines.add("energy by layer  " + shares(changes.energyByLayer()));
        int width = changes.modules().stream()
                .mapToInt(module -> module.path().text().length())
                .max()
                .orElse(0);
        String columns = "%-" + width + "s %5s %10s %9s %7s %8s %7s  %s";
        String topShare = "top " + top;
        lines.add(String.format(
                Locale.ROOT,
                columns,
                "module",
                "rank",
                "norm",
                "relative",
                "stable",
                "entropy",
                topShare,
                "singular values"));
        changes.modules().forEach(module -> lines.add(line(columns, module)));
        return lines;
    }

    private String line(String columns, ModuleChange module) {
        Spectrum spectrum = module.spectrum();
        return String.format(
                Locale.ROOT,
                columns,
                module.path().text(),
                module.rank(),
                String.format(Locale.ROOT, "%.4g", module.norm()),
                module.relative().isPresent()
                        ? String.format(Locale.ROOT, "%.3g", module.relative().getAsDouble())
                        : "-",
                String.format(Locale.ROOT, "%.2f", spectrum.stableRank()),
                String.format(Locale.ROOT, "%.2f", spectrum.entropyRank()),
                String.format(Locale.ROOT, "%.1f %%", 100 * spectrum.energyShare(top)),
                values(spectrum).stream()
                        .map(value -> String.format(Locale.ROOT, "%.3g", value))
                        .collect(Collectors.joining(" ")));
    }

    private static String shares(Map<String, Double> shares) {
        return shares.entrySet().stream()
                .map(share -> String.format(Locale.ROOT, "%s %.1f %%", share.getKey(), 100 * share.getValue()))
                .collect(Collectors.joining(", "));
    }

    private List<Double> values(Spectrum spectrum) {
        return spectrum.values().subList(0, Math.min(top, spectrum.values().size()));
    }

    static String csvHeader(int top) {
        return "adapter,module,layer,kind,rank,norm,relative,stable_rank,entropy_rank,top_share,"
                + IntStream.rangeClosed(1, top).mapToObj(i -> "value_" + i).collect(Collectors.joining(","));
    }

    /** One line for each module; what is not known is empty. */
    List<String> csv(String adapter) {
        return changes.modules().stream().map(module -> csv(adapter, module)).toList();
    }

    private String csv(String adapter, ModuleChange module) {
        Spectrum spectrum = module.spectrum();
        List<String> cells = new ArrayList<>();
        cells.add('"' + adapter.replace("\"", "\"\"") + '"');
        cells.add('"' + module.path().text().replace("\"", "\"\"") + '"');
        cells.add(
                module.path().layer().isPresent()
                        ? String.valueOf(module.path().layer().getAsInt())
                        : "");
        cells.add('"' + module.path().kind().replace("\"", "\"\"") + '"');
        cells.add(String.valueOf(module.rank()));
        cells.add(String.valueOf(module.norm()));
        cells.add(
                module.relative().isPresent() ? String.valueOf(module.relative().getAsDouble()) : "");
        cells.add(String.valueOf(spectrum.stableRank()));
        cells.add(String.valueOf(spectrum.entropyRank()));
        cells.add(String.valueOf(spectrum.energyShare(top)));
        for (int i = 0; i < top; i++) {
            cells.add(
                    i < spectrum.values().size()
                            ? String.valueOf(spectrum.values().get(i))
                            : "");
        }
        return String.join(",", cells);
    }

    void addTo(ObjectNode object) {
        changes.energyByKind()
                .forEach((kind, share) -> object.withObject("/energy_by_kind").put(kind, share));
        changes.energyByLayer()
                .forEach((layer, share) -> object.withObject("/energy_by_layer").put(layer, share));
        for (ModuleChange module : changes.modules()) {
            Spectrum spectrum = module.spectrum();
            ObjectNode row = object.withArray("changes").addObject();
            row.put("module", module.path().text());
            row.put("rank", module.rank());
            row.put("norm", module.norm());
            module.relative().ifPresent(relative -> row.put("relative", relative));
            row.put("spectral_norm", spectrum.spectralNorm());
            row.put("stable_rank", spectrum.stableRank());
            row.put("entropy_rank", spectrum.entropyRank());
            row.put("top_share", spectrum.energyShare(top));
            values(spectrum).forEach(row.withArray("singular_values")::add);
        }
    }
}
