package dev.inlay.app.cli;

import dev.inlay.app.experiments.world.Excess;
import dev.inlay.app.experiments.world.Register;
import java.util.List;
import java.util.Locale;

/** How well a model knows the small world: its loss on new texts beside the least possible. */
record Knowledge(List<Excess> registers) {
    /** Texts of each register. */
    private static final int TEXTS = 40;

    private static final long SEED = 0;

    static Knowledge of(Exam exam) {
        return new Knowledge(Register.WORLD.stream()
                .map(register -> exam.excess(register, TEXTS, SEED))
                .toList());
    }

    void show(Console console) {
        console.result("  what it knows of the small world: loss on " + TEXTS
                + " new texts of each kind, in nats per text, and the floor that no model can go below");
        registers.forEach(each -> console.result(String.format(
                Locale.ROOT, "    %-12s %8.2f  floor %8.2f", each.register(), each.model(), each.floor())));
    }
}
