package dev.inlay.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The formats of well-known models, by templates that tools/golden recorded with transformers. */
class ChatStylesTest {
    private static final JsonNode GOLDEN = Fixtures.json(Fixtures.resource("chat/styles.json"));
    private static final Map<String, String> TOKENS =
            Fixtures.JSON.convertValue(GOLDEN.path("tokens"), new TypeReference<Map<String, String>>() {});
    private static final Clock NOW =
            Clock.fixed(Instant.parse(GOLDEN.path("now").asText()), ZoneOffset.UTC);

    @TestFactory
    Stream<DynamicTest> everyStyleRendersWhatTransformersRenders() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode expected : GOLDEN.path("cases")) {
            String name = expected.path("template").asText() + ", "
                    + expected.path("conversation").asText();
            tests.add(DynamicTest.dynamicTest(name, () -> renders(expected)));
        }
        assertThat(GOLDEN.path("templates").size()).isGreaterThanOrEqualTo(30);
        return tests.stream();
    }

    private static void renders(JsonNode expected) {
        String source = source(expected.path("template").asText());
        ChatTemplate template = ChatTemplate.of("style", source, TOKENS, NOW);
        Conversation conversation = conversation(
                GOLDEN.path("conversations").path(expected.path("conversation").asText()));
        boolean prompt = expected.path("add_generation_prompt").asBoolean();
        String error = expected.path("error").asText();
        if (expected.has("error")) {
            assertThatThrownBy(() -> template.render(conversation, prompt))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining(source.contains(error) ? error : "");
            return;
        }
        // What transformers drops without a word is an error here.
        boolean calls = conversation.messages().stream()
                .anyMatch(message -> message.fields().containsKey("tool_calls"));
        if (calls
                && !(source.contains("tool_calls")
                        && expected.path("text").asText().contains("get_"))) {
            assertThatThrownBy(() -> template.render(conversation, prompt)).hasMessageContaining("leaves out");
            return;
        }
        Conversation rendered = conversation;
        if (!conversation.tools().isEmpty() && !source.contains("tools")) {
            assertThatThrownBy(() -> template.render(conversation, prompt)).hasMessageContaining("leaves out tools");
            rendered = Conversation.of(conversation.messages());
        }
        assertThat(template.render(rendered, prompt).text())
                .isEqualTo(expected.path("text").asText());
    }

    private static Conversation conversation(JsonNode recorded) {
        return new Conversation(
                Fixtures.messages(recorded.path("messages")),
                recorded.path("tools").isNull() ? List.of() : tools(recorded.path("tools")));
    }

    private static List<Map<String, @Nullable Object>> tools(JsonNode list) {
        return Fixtures.JSON.convertValue(list, new TypeReference<List<Map<String, @Nullable Object>>>() {});
    }

    private static String source(String name) {
        return GOLDEN.path("templates").path(name).asText();
    }

    /** A row whose tools never reach the model would teach it to call what it was not told of. */
    @Test
    void toolsThatATemplateLeavesOutAreRefused() {
        ChatTemplate chatMl = ChatTemplate.of("chatml", source("chatml"), TOKENS);
        Message asked = new Message("user", "Rain?");
        Conversation withTools = new Conversation(List.of(asked), List.of(Map.of("type", "function")));
        assertThatThrownBy(() -> chatMl.render(withTools, true))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("leaves out tools");
        Message call = new Message(Map.of("role", "assistant", "content", "", "tool_calls", List.of(Map.of())));
        assertThatThrownBy(() -> chatMl.render(Conversation.of(asked, call), false))
                .hasMessageContaining("leaves out tool_calls");
    }
}
