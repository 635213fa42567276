package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.gate.GateText;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.model.Gate;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where the gate of an adapter stands in its files.
 *
 * <ul>
 *   <li>{@code adapter_config.json}: a gate that PEFT can express as its {@code alora_invocation_tokens}; any other as
 *       {@code inlay_gate} under a {@code peft_type} that PEFT refuses, since it would apply the adapter to every token.
 *   <li>{@code inlay_gate.json}: the whole gate, with the trigger's text and what happens where it is missing.
 *   <li>the metadata of the weights ({@code inlay.gate}): the same text, so that weights that lost their files show it.
 * </ul>
 *
 * <p>They must agree. An adapter of another library has the first alone.
 */
final class GateFile {
    static final String METADATA = "inlay.gate";
    static final String TYPE = "INLAY_GATED";
    static final String KEY = "inlay_gate";
    private static final int LARGEST = 1 << 20;

    private GateFile() {}

    /** The configuration with all that the sidecar says, if there is one. */
    static PeftConfig completed(Path directory, PeftConfig config) {
        Path file = directory.resolve(GateText.FILE);
        if (!Files.exists(file)) {
            return config;
        }
        String text = AdapterError.of(() -> StrictUtf8.decode(RegularFile.read(file, LARGEST), file.toString()));
        Gate gate = GateText.parse(text, file.toString());
        requireSame(
                gate,
                config.beside().gate(),
                file.toString(),
                directory.resolve(AdapterFiles.CONFIG).toString());
        return config.with(config.beside().with(gate));
    }

    /** It is an error if the weights were trained with another gate than the files beside them say. */
    static void requireTrained(Map<String, String> metadata, Gate gate, String weights) {
        String text = metadata.get(METADATA);
        if (text != null) {
            requireSame(GateText.parse(text, weights + ": " + METADATA), gate, weights, "the files beside it");
        }
    }

    /** It is an error if a trigger has tokens that the base does not: no row could ever have them. */
    static void requireVocabulary(Gate gate, BaseModel base, String where) {
        long vocabulary = base.sites().stream()
                .filter(place -> place.site().equals(Site.HEAD))
                .mapToLong(LinearSite::out)
                .findFirst()
                .orElse(Long.MAX_VALUE);
        if (gate instanceof TriggerGate trigger) {
            trigger.trigger().ids().stream()
                    .filter(id -> id >= vocabulary)
                    .findFirst()
                    .ifPresent(id -> {
                        throw InlayException.adapter(
                                "%s: the trigger has token %d, the vocabulary of this base ends at %d",
                                where, id, vocabulary);
                    });
        }
    }

    private static void requireSame(Gate one, Gate other, String where, String elsewhere) {
        if (!essence(one).equals(essence(other))) {
            throw InlayException.adapter(
                    "%s: the gate is (%s), and according to %s it is (%s); one of them was changed, restore it",
                    where, one, elsewhere, other);
        }
    }

    /** What must agree: where a gate is open in rows that have what it needs. */
    private static Object essence(Gate gate) {
        return gate instanceof TriggerGate trigger && trigger.isActivatedLora()
                ? trigger.trigger().ids()
                : gate;
    }
}
