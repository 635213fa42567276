package dev.inlay.app.experiments.world;

/** A cell of what a variable stands for: {@code t.title}. */
record Attribute(String variable, String column) {
    String of(Bindings bindings) {
        return bindings.get(variable).cell(column);
    }

    @Override
    public String toString() {
        return column.equals("key") ? variable : variable + "." + column;
    }
}
