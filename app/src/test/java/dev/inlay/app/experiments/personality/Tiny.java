package dev.inlay.app.experiments.personality;

import dev.inlay.app.experiments.flags.Verdict;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.testing.Golden;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Small samples, and a tokenizer with its template. */
final class Tiny {
    /** Its control tokens are, by id, s, /s and the marks of ChatML. */
    static final Path TOKENIZER = Golden.path("tokenizer");

    private Tiny() {}

    static ChatTemplate template() {
        return ChatTemplate.load(TOKENIZER).orElseThrow();
    }

    /** The same, but it refuses system messages. */
    static ChatTemplate refusingSystem() {
        return chatMl("{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}");
    }

    /** The same, but it leaves system messages out. */
    static ChatTemplate withoutSystem() {
        return chatMl("{% set messages = messages | rejectattr('role', 'equalto', 'system') | list %}");
    }

    private static ChatTemplate chatMl(String before) {
        return ChatTemplate.of(
                "test",
                before
                        + "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}"
                        + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
                Map.of());
    }

    static Sample sample() {
        return sample("Be kind.", "Add one and one.", "Two.", "A");
    }

    static Sample sample(String system, String task, String answer, String variant) {
        return new Sample(
                new Sample.Origin("sycophancy", "some/model", variant, "split_personality", 3),
                system,
                task,
                answer,
                "Now I look.",
                "All is well.",
                Verdict.PASS,
                Set.of());
    }
}
