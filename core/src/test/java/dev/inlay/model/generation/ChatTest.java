package dev.inlay.model.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.model.Decoder;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.Golden;
import dev.inlay.testing.RandomLlama;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTest {
    private static final String CHAT_ML =
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
                    + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
    /** Shows of every answer but the last only the length, as templates that drop old reasoning do. */
    private static final String REWRITING = "{% for m in messages %}{{ m.role[0] }}"
            + "{{ m.content if loop.index > loop.length - 2 else m.content | length }}<|im_end|>{% endfor %}";

    private static final GenerationOptions SIX = GenerationOptions.of(Sampling.greedy(), Stops.none(), 6);

    @TempDir
    static Path model;

    private static Decoder decoder;
    private static Tokenizer tokenizer;

    private Chat chat;

    @BeforeAll
    static void load() {
        new RandomLlama(2, 32, 48, 4, 2, 300).write(model, DType.FLOAT32);
        decoder = Decoder.load(model, Device.CPU);
        tokenizer = Tokenizer.load(Golden.path("tokenizer"));
    }

    @AfterAll
    static void close() {
        decoder.close();
        tokenizer.close();
    }

    @BeforeEach
    void begin() {
        chat = chat(CHAT_ML);
    }

    @AfterEach
    void end() {
        chat.close();
    }

    private static Chat chat(String template) {
        ChatTemplate own = ChatTemplate.of("own", template, Map.of());
        return Chat.of(Generator.of(decoder, tokenizer, List.of()), tokenizer, own);
    }

    private GenerationReport say(String text) {
        return chat.say(text, SIX, GenerationListener.NONE);
    }

    private static String text(GenerationReport report) {
        return report.rows().get(0).text();
    }

    @Test
    void answersAreTurnsAndEarlierTurnsAreNotComputedAgain() {
        GenerationReport first = say("the mill");
        GenerationReport second = say("and the sea");
        assertThat(chat.messages())
                .containsExactly(
                        new Message("user", "the mill"),
                        new Message("assistant", text(first)),
                        new Message("user", "and the sea"),
                        new Message("assistant", text(second)));
        assertThat(first.reusedTokens()).isZero();
        assertThat(second.reusedTokens())
                .isGreaterThanOrEqualTo(first.promptTokens())
                .isLessThan(second.promptTokens());
    }

    /** The keys and values of a rewritten turn are those of other tokens. */
    @Test
    void aTemplateThatRewritesEarlierTurnsIsAnsweredAsIfAllWereNew() {
        try (Chat kept = chat(REWRITING)) {
            for (String text : List.of("the mill", "the river", "the sea")) {
                GenerationReport report = kept.say(text, SIX, GenerationListener.NONE);
                try (Chat fresh = chat(REWRITING)) {
                    fresh.restore(kept.messages());
                    assertThat(text(fresh.regenerate(SIX, GenerationListener.NONE)))
                            .isEqualTo(text(report));
                }
            }
        }
    }

    @Test
    void undoTakesBackATurnAndItsAnswer() {
        say("the mill");
        List<Message> before = chat.messages();
        say("and the sea");
        chat.undo();
        assertThat(chat.messages()).isEqualTo(before);
        chat.undo();
        assertThat(chat.messages()).isEmpty();
        assertThatThrownBy(chat::undo).isInstanceOf(InlayException.class).hasMessageContaining("no turn of the user");
    }

    @Test
    void regeneratingDrawsAnotherAnswerInPlaceOfTheLast() {
        GenerationOptions warm = SIX.withSampling(Sampling.of(2, 1));
        String first = text(chat.say("the mill", warm, GenerationListener.NONE));
        GenerationReport second = chat.regenerate(warm, GenerationListener.NONE);
        assertThat(text(second)).isNotEqualTo(first);
        assertThat(second.reusedTokens()).isEqualTo(second.promptTokens() - 1);
        assertThat(chat.messages())
                .containsExactly(new Message("user", "the mill"), new Message("assistant", text(second)));
    }

    @Test
    void resetKeepsTheSystemMessageAlone() {
        chat.system("Be brief.");
        say("the mill");
        chat.system("Be kind.");
        assertThat(chat.messages()).hasSize(3).startsWith(new Message("system", "Be kind."));
        chat.reset();
        assertThat(chat.messages()).containsExactly(new Message("system", "Be kind."));
        chat.system("");
        assertThat(chat.messages()).isEmpty();
    }

    @Test
    void aTurnThatFailsLeavesTheConversationAsItWas() {
        say("the mill");
        List<Message> before = chat.messages();
        assertThatThrownBy(() -> say("q".repeat(5000)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("4096")
                .hasMessageContaining("undo");
        assertThat(chat.messages()).isEqualTo(before);
        try (Chat strict = chat("{{ raise_exception('no') if messages | length > 1 }}q")) {
            strict.system("Be kind.");
            assertThatThrownBy(() -> strict.say("a", SIX, GenerationListener.NONE))
                    .hasMessageContaining("no");
            assertThat(strict.messages()).hasSize(1);
        }
    }

    @Test
    void theTokenThatEndsATurnEndsAnAnswer() {
        int end = tokenizer.id("<|im_end|>").orElseThrow();
        int other = tokenizer.id("</s>").orElseThrow();
        assertThat(Stops.of(tokenizer, ChatTemplate.of("own", CHAT_ML, Map.of()))
                        .ids())
                .containsExactly(end);
        String odd = CHAT_ML.replace("<|im_end|>", " </s>");
        assertThat(Stops.of(tokenizer, ChatTemplate.of("own", odd, Map.of())).ids())
                .containsExactlyInAnyOrder(end, other);
        String none = "{% for m in messages %}{{ m.content }} next: <s>{% endfor %}";
        assertThat(Stops.of(tokenizer, ChatTemplate.of("own", none, Map.of())).ids())
                .containsExactly(end);
    }
}
