package dev.inlay.model.text.jinja;

import java.util.List;

/** {@code {% macro name(a, b=1) %}}: sees the variables of the place where it is defined. */
record Macro(List<String> names, List<Expression> defaults, Statement body, Frame definition) implements Callable {
    @Override
    public Object call(Arguments arguments, Budget budget) {
        arguments.only(names.toArray(String[]::new));
        Frame frame = definition.inner();
        for (int i = 0; i < names.size(); i++) {
            Object given = arguments.get(i, names.get(i), Constant.UNDEFINED);
            frame.set(
                    names.get(i), given == Constant.UNDEFINED ? defaults.get(i).in(frame) : given);
        }
        budget.enter();
        Output output = new Output(budget);
        body.run(frame, output);
        budget.leave();
        return output.captured();
    }
}
