package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.adapter.combine.Combination.ModuleSum;
import dev.inlay.adapter.combine.Combiner;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a combination became: ranks and error of each module, and how far the written adapter is from the sum. */
record CombineResult(Combiner.Report report, BaseModel base) {
    void show(Console console, Path model) {
        Map<Site, String> paths = base.sites().stream().collect(Collectors.toMap(LinearSite::site, LinearSite::path));
        int width = paths.values().stream().mapToInt(String::length).max().orElse(0);
        String columns = "%-" + width + "s %12s %5s %10s %9s";
        console.result(String.format(Locale.ROOT, columns, "module", "ranks", "rank", "norm", "error"));
        report.result().modules().forEach(module -> console.result(line(columns, module, paths)));
        console.result("error of all modules together " + shown(report.result().error()));
        console.result("logits differ from the adapters side by side by " + report.difference());
        console.result("the adapter changes logits by " + report.effect());
        console.result("wrote " + report.directory());
        console.result(String.format(
                Locale.ROOT, "next: inlay generate --model %s --adapter %s --prompt ...", model, report.directory()));
        console.result(json(paths));
    }

    private static String line(String columns, ModuleSum module, Map<Site, String> paths) {
        return String.format(
                Locale.ROOT,
                columns,
                paths.get(module.site()),
                module.ranks().stream().map(String::valueOf).collect(Collectors.joining("+")),
                module.rank(),
                String.format(Locale.ROOT, "%.4g", module.norm()),
                shown(module.error()));
    }

    private static String shown(double error) {
        return error == 0 ? "0" : String.format(Locale.ROOT, "%.3g", error);
    }

    private ObjectNode json(Map<Site, String> paths) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("directory", report.directory().toString());
        object.put("error", report.result().error());
        object.put("difference_max", report.difference().largest());
        object.put("difference_kl", report.difference().divergence());
        object.put("effect_max", report.effect().largest());
        object.put("effect_kl", report.effect().divergence());
        for (ModuleSum module : report.result().modules()) {
            ObjectNode row = object.withArray("modules").addObject();
            row.put("module", paths.get(module.site()));
            module.ranks().forEach(row.withArray("ranks")::add);
            row.put("rank", module.rank());
            row.put("norm", module.norm());
            row.put("error", module.error());
        }
        return object;
    }
}
