package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.adapter.exchange.AdapterCheck;
import dev.inlay.adapter.exchange.Consumer;
import dev.inlay.adapter.exchange.Objection;
import dev.inlay.adapter.peft.Provenance;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The findings of a check, as people and programs read them.
 *
 * @param consumer who was asked about it, if anybody
 * @param objections of that consumer
 */
record CheckResult(
        Path adapter, AdapterCheck check, @Nullable Consumer consumer, List<Objection> objections) {
    private static final int MOST_SHOWN = 20;

    boolean isGood() {
        return check.isGood()
                && objections.stream().noneMatch(each -> each.kind().prevents());
    }

    void show(Console console) {
        showText(console);
        console.result(json());
    }

    private void showText(Console console) {
        List<String> problems = check.problems();
        problems.stream().limit(MOST_SHOWN).forEach(problem -> console.result("problem: " + problem));
        if (problems.size() > MOST_SHOWN) {
            console.result("and " + (problems.size() - MOST_SHOWN) + " problems more; --json lists all");
        }
        console.result(field("modules", check.matched() + "/" + check.expected() + " matched"));
        check.origin().forEach(each -> console.result(field(each.what(), verdict(each))));
        if (!check.kinds().isEmpty()) {
            console.result("change            modules  zero  max norm Delta W / W");
            check.kinds()
                    .forEach(kind -> console.result(String.format(
                            Locale.ROOT,
                            "  %-15s %7d %5d  %.3g at %s",
                            kind.name(),
                            kind.modules(),
                            kind.unchanged(),
                            kind.largest(),
                            kind.at())));
        }
        check.effect().ifPresent(effect -> console.result(field("effect", effect + " in logits")));
        if (consumer != null) {
            objections.forEach(each -> console.result(String.format(
                    Locale.ROOT,
                    "%s %s %s: %s",
                    consumer.word(),
                    each.kind().name().toLowerCase(Locale.ROOT),
                    each.what(),
                    each.remedy())));
        }
        console.result(isGood() ? "good" : "not good" + (consumer == null ? "" : " for " + consumer.word()));
    }

    private static String field(String name, String value) {
        return String.format(Locale.ROOT, "%-17s %s", name, value);
    }

    private static String verdict(Provenance.Comparison each) {
        if (each.made().isEmpty()) {
            return "not recorded";
        }
        return each.differs() ? "differs" : "equal";
    }

    private ObjectNode json() {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("adapter", adapter.toString());
        object.put("good", isGood());
        check.problems().forEach(object.putArray("problems")::add);
        check.notes().forEach(object.putArray("notes")::add);
        object.put("matched", check.matched());
        object.put("expected", check.expected());
        check.origin()
                .forEach(each -> object.withObject("/origin")
                        .putObject(each.what().replace(' ', '_'))
                        .put("trained", each.made())
                        .put("here", each.here())
                        .put("verdict", verdict(each)));
        check.kinds()
                .forEach(kind -> object.withArray("/kinds")
                        .addObject()
                        .put("name", kind.name())
                        .put("modules", kind.modules())
                        .put("unchanged", kind.unchanged())
                        .put("largest", kind.largest())
                        .put("at", kind.at().toString()));
        check.effect().ifPresent(effect -> {
            object.put("effect_max", effect.largest());
            object.put("effect_kl", effect.divergence());
        });
        if (consumer != null) {
            object.put("for", consumer.word());
            objections.forEach(each -> object.withArray("/objections")
                    .addObject()
                    .put("kind", each.kind().name().toLowerCase(Locale.ROOT))
                    .put("what", each.what())
                    .put("remedy", each.remedy()));
        }
        return object;
    }
}
