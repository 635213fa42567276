package dev.inlay.model.text.jinja;

import java.util.HashMap;
import java.util.Map;

/** The one value that a template may change: {@code namespace(a=1)}, {@code {% set ns.a = 2 %}}. */
record Namespace(Map<String, Object> values) {
    Namespace {
        values = new HashMap<>(values);
    }
}
