package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.gate.Boundary;
import dev.inlay.adapter.gate.Closing;
import dev.inlay.adapter.gate.Occurrence;
import dev.inlay.adapter.gate.OnMissing;
import dev.inlay.adapter.gate.ResponseGate;
import dev.inlay.adapter.gate.StatedGate;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.model.Gate;
import dev.inlay.model.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which tokens a new adapter acts on. */
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class GateOptions {
    private static final String TRIGGER = "trigger:";

    @Option(
            names = "--gate",
            paramLabel = "RULE",
            defaultValue = "open",
            description =
                    "Which tokens the adapter acts on. open: all; trigger:TEXT: from the last occurrence of the text"
                            + " on (Activated LoRA); response: from the response on; instruction: from the last token before the"
                            + " response on; stated: where each row says (rows of ids with open). What comes before is the"
                            + " base's own computation. Default: ${DEFAULT-VALUE}.")
    String rule;

    @Option(
            names = "--gate-boundary",
            paramLabel = "WHERE",
            defaultValue = "at-first-trigger-token",
            description = "The first open token: at-first-trigger-token, after-first-trigger-token, one-before or"
                    + " after-trigger. Default: ${DEFAULT-VALUE}.")
    String boundary;

    @Option(
            names = "--gate-occurrence",
            paramLabel = "WHICH",
            defaultValue = "last",
            description = "Which occurrence of the trigger opens: first, last or every. Default: ${DEFAULT-VALUE}.")
    String occurrence;

    @Option(
            names = "--gate-close",
            paramLabel = "WHERE",
            description = "What closes it again: after:N tokens, or before:TEXT. Default: nothing.")
    @Nullable
    String close;

    @Option(
            names = "--on-missing",
            paramLabel = "POLICY",
            defaultValue = "error",
            description = "What becomes of rows without the trigger: error, base (the adapter is off) or all-on."
                    + " Default: ${DEFAULT-VALUE}.")
    String onMissing;

    boolean isOpen() {
        return rule.equals("open");
    }

    Gate gate(Tokenizer tokenizer) {
        if (isOpen()) {
            return Gate.OPEN;
        }
        if (rule.equals("response")) {
            return new ResponseGate(ResponseGate.Edge.AT_RESPONSE_START);
        }
        if (rule.equals("instruction")) {
            return new ResponseGate(ResponseGate.Edge.LAST_INSTRUCTION_TOKEN);
        }
        if (rule.equals("stated")) {
            return new StatedGate();
        }
        InlayException.require(
                rule.startsWith(TRIGGER) && rule.length() > TRIGGER.length(),
                "--gate is \"%s\"; expected open, trigger:TEXT, response, instruction or stated",
                rule);
        return new TriggerGate(
                trigger(tokenizer, rule.substring(TRIGGER.length())),
                named(Boundary.class, "--gate-boundary", boundary),
                named(Occurrence.class, "--gate-occurrence", occurrence),
                named(OnMissing.class, "--on-missing", onMissing),
                closing(tokenizer));
    }

    private Closing closing(Tokenizer tokenizer) {
        if (close == null) {
            return Closing.NEVER;
        }
        if (close.startsWith("before:")) {
            return new Closing.Before(trigger(tokenizer, close.substring("before:".length())));
        }
        InlayException.require(
                close.matches("after:\\d{1,9}"), "--gate-close is \"%s\"; expected after:N or before:TEXT", close);
        return new Closing.After(Integer.parseInt(close.substring("after:".length())));
    }

    /** Control tokens are read as such. */
    private static Trigger trigger(Tokenizer tokenizer, String text) {
        List<Integer> ids =
                Arrays.stream(tokenizer.encodeTemplated(text).ids()).boxed().toList();
        return new Trigger(ids, text);
    }

    private static <E extends Enum<E>> E named(Class<E> type, String option, String word) {
        return Arrays.stream(type.getEnumConstants())
                .filter(each -> word(each).equals(word.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> InlayException.usage(
                        "%s is \"%s\"; choose from %s",
                        option,
                        word,
                        String.join(
                                ", ",
                                Arrays.stream(type.getEnumConstants())
                                        .map(GateOptions::word)
                                        .toList())));
    }

    private static String word(Enum<?> each) {
        return each.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
