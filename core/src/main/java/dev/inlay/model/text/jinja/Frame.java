package dev.inlay.model.text.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The variables of a scope; what is not found is looked for in the enclosing one. */
final class Frame {
    private final Map<String, Object> variables = new HashMap<>();
    private final @Nullable Frame outer;
    private final Budget budget;

    Frame(Budget budget, Map<String, Object> variables) {
        this.budget = budget;
        this.outer = null;
        this.variables.putAll(variables);
    }

    private Frame(Frame outer) {
        this.budget = outer.budget;
        this.outer = outer;
    }

    Frame inner() {
        return new Frame(this);
    }

    Budget budget() {
        return budget;
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    Object get(String name) {
        for (Frame at = this; at != null; at = at.outer) {
            Object value = at.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return Constant.UNDEFINED;
    }
}
