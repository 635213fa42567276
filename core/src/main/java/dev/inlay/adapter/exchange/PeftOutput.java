package dev.inlay.adapter.exchange;

import dev.inlay.adapter.peft.Allowance;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LoadedAdapter;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.engine.Scope;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.AtomicDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a converted PEFT directory is to appear: whole, read strictly and proved, or not at all.
 *
 * @param model the base
 * @param target must not exist
 */
record PeftOutput(ModelDirectory model, BaseModel base, Set<Allowance> allowed, Path target) {
    static PeftOutput of(ModelDirectory model, Set<Allowance> allowed, Path target) {
        return new PeftOutput(model, BaseModel.of(model), Set.copyOf(allowed), target);
    }

    /**
     * Writes and proves.
     *
     * @param body fills the directory
     * @param meant what the adapter should do, if there is something to compare with
     * @param exact whether it must do just that but for rounding; a truncated difference need not
     */
    Converted write(AtomicDirectory.Body body, Optional<Proof.Meant> meant, boolean exact, List<String> notes) {
        List<Converted> done = new ArrayList<>();
        AtomicDirectory.write(target, AtomicDirectory.Existing.REFUSE, body, directory -> {
            try (Scope scope = Scope.open()) {
                LoadedAdapter read = PeftDirectory.read(directory, base, allowed);
                Proof proof = Proof.of(model, meant, read.parts(), target);
                List<String> all = new ArrayList<>(notes);
                all.addAll(read.notes());
                int modules = read.parts().factors().size();
                Proof accepted = exact ? proof.requireNear(target) : proof;
                done.add(new Converted(target, modules, accepted.effect(), accepted.deviation(), all));
            }
        });
        return done.get(0);
    }
}
