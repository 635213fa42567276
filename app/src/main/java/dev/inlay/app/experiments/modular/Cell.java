package dev.inlay.app.experiments.modular;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came of one arm at one depth with one seed.
 *
 * @param base what pre-training came to
 * @param curve empty points where the base was not good enough to be tuned
 * @param layersBefore hidden states of the base on all pairs of addition
 * @param layersAfter the same of the tuned model
 * @param values of each block with weights of its own
 */
record Cell(
        Arm arm,
        int depth,
        int seed,
        BaseRecord base,
        Curve curve,
        List<Layers.Measure> layersBefore,
        List<Layers.Measure> layersAfter,
        List<ValueChange> values) {
    Cell {
        layersBefore = List.copyOf(layersBefore);
        layersAfter = List.copyOf(layersAfter);
        values = List.copyOf(values);
    }

    /** A cell whose base never knew addition well enough. */
    static Cell failed(Arm arm, int depth, int seed, BaseRecord base) {
        return new Cell(arm, depth, seed, base, new Curve(List.of()), List.of(), List.of(), List.of());
    }

    boolean isTuned() {
        return !curve.points().isEmpty();
    }

    void write(Path file) {
        Map<String, Object> json = new TreeMap<>();
        json.put("arm", arm.text());
        json.put("depth", depth);
        json.put("seed", seed);
        json.put("curve", curve.points().stream().map(Cell::row).toList());
        json.put("layers_before", layersBefore);
        json.put("layers_after", layersAfter);
        json.put("values", values);
        Json.write(file, json);
    }

    private static List<Object> row(Curve.Point point) {
        return List.of(point.epoch(), point.addition(), orNull(point.trained()), orNull(point.held()), point.norm());
    }

    private static Object orNull(double value) {
        return Double.isNaN(value) ? NullNode.getInstance() : (Object) value;
    }

    static Cell read(Path file, BaseRecord base) {
        JsonObject json = Json.readObject(file);
        List<Curve.Point> points = new ArrayList<>();
        json.get("curve")
                .forEach(row -> points.add(new Curve.Point(
                        row.path(0).asInt(),
                        row.path(1).asDouble(),
                        row.path(2).asDouble(Double.NaN),
                        row.path(3).asDouble(Double.NaN),
                        row.path(4).asDouble())));
        return new Cell(
                Arm.parse(json.text("arm")),
                (int) json.integer("depth", 1, Integer.MAX_VALUE),
                (int) json.integer("seed", 0, Integer.MAX_VALUE),
                base,
                new Curve(points),
                measures(json, "layers_before"),
                measures(json, "layers_after"),
                json.objects("values").stream().map(Cell::change).toList());
    }

    private static List<Layers.Measure> measures(JsonObject json, String key) {
        return json.objects(key).stream()
                .map(each -> new Layers.Measure(each.number("cosine"), each.number("rank")))
                .toList();
    }

    private static ValueChange change(JsonObject json) {
        return new ValueChange(
                json.numbers("before"),
                json.numbers("after"),
                json.numbers("spectrumBefore"),
                json.numbers("spectrumAfter"),
                json.number("gap"),
                json.number("along"),
                json.number("aside"),
                json.number("rest"));
    }
}
