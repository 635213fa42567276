package dev.inlay.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.testing.SharedData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {
    private static final Conversation SHORT =
            Conversation.of(new Message("user", "one"), new Message("assistant", "two"));

    @TempDir
    Path directory;

    @TestFactory
    Stream<DynamicTest> rendersWhatTransformersRenders() {
        JsonNode golden = Fixtures.json(Fixtures.resource("chat/renders.json"));
        Map<String, String> tokens =
                Fixtures.JSON.convertValue(golden.path("tokens"), new TypeReference<Map<String, String>>() {});
        List<DynamicTest> tests = new ArrayList<>();
        golden.path("templates").properties().forEach(entry -> {
            ChatTemplate template =
                    ChatTemplate.of(entry.getKey(), entry.getValue().asText(), tokens);
            tests.add(DynamicTest.dynamicTest(entry.getKey(), () -> {
                for (JsonNode expected : golden.path("cases")) {
                    if (expected.path("template").asText().equals(entry.getKey())) {
                        renders(template, expected);
                    }
                }
            }));
        });
        assertThat(tests).hasSizeGreaterThanOrEqualTo(8);
        return tests.stream();
    }

    private static void renders(ChatTemplate template, JsonNode expected) {
        Conversation messages = Conversation.of(Fixtures.messages(expected.path("messages")));
        boolean prompt = expected.path("add_generation_prompt").asBoolean();
        if (expected.has("error")) {
            assertThatThrownBy(() -> template.render(messages, prompt))
                    .as("%s", messages)
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining(expected.path("error").asText());
            return;
        }
        Rendered rendered = template.render(messages, prompt);
        assertThat(rendered.text()).isEqualTo(expected.path("text").asText());
        List<int[]> spans = new ArrayList<>();
        String text = rendered.text();
        rendered.generated()
                .forEach(span -> spans.add(
                        new int[] {text.codePointCount(0, span.start()), text.codePointCount(0, span.end())}));
        assertThat(spans.toArray(int[][]::new))
                .isDeepEqualTo(Fixtures.JSON.convertValue(expected.path("spans"), int[][].class));
    }

    @TestFactory
    Stream<DynamicTest> everyRuleOfTheLanguageIsPythons() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode expected : Fixtures.json(Fixtures.resource("chat/expressions.json"))) {
            String source = expected.path("source").asText();
            tests.add(DynamicTest.dynamicTest(
                    source,
                    () -> assertThat(rendered(source))
                            .isEqualTo(expected.path("text").asText())));
        }
        assertThat(tests).hasSizeGreaterThan(30);
        return tests.stream();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "{% include 'x' %}#include",
                "{% import 'x' as y %}#import",
                "{% extends 'x' %}#extends",
                "{% call m() %}{% endcall %}#call",
                "{{ 1 | pprint }}#pprint",
                "{{ 1 is prime }}#prime",
                "{% if 1 %}#endif",
                "{% for x in y %}{% endif %}#endif",
                "{{ 1#never closed",
                "{{ 'a }}#never closed",
                "{{ 1 + }}#expected a value",
                "{{ $ }}#'$'",
                "{% break %}#outside a loop",
                "{{ f(*x) }}#expected a value",
            })
    void whatIsUnknownIsRefusedWithItsLine(String template, String part) {
        assertThatThrownBy(() -> template("\n\n" + template))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("line 3")
                .hasMessageContaining(part);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "{{ raise_exception('only alternating roles') }}#only alternating roles",
                "{{ 'a' + none }}#cannot apply +",
                "{{ 'a' + 1 }}#cannot apply +",
                "{{ missing + 'a' }}#cannot apply +",
                "{{ missing.x }}#undefined",
                "{{ missing() }}#cannot call",
                "{{ 1 / 0 }}#division by zero",
                "{{ 'a' < 1 }}#cannot compare",
                "{{ 9223372036854775807 + 1 }}#64 bits",
                "{% set x.y = 1 %}#namespace",
                "{% set messages.y = 1 %}#namespace",
                "{{ messages[0].update({}) }}#cannot call",
                "{{ messages.append(1) }}#cannot call",
            })
    void whatFailsSaysWhereAndWhy(String template, String part) {
        assertThatThrownBy(() -> rendered("\n" + template)).isInstanceOfSatisfying(InlayException.class, e -> {
            assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA);
            assertThat(e).hasMessageContaining("line 2").hasMessageContaining(part);
        });
    }

    @Test
    void raiseExceptionStopsRenderingAtOnce() {
        assertThatThrownBy(() -> rendered("{{ raise_exception('first') }}{{ raise_exception('second') }}"))
                .hasMessageContaining("first")
                .hasMessageNotContaining("second");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.class }}", "{{ messages.class }}", "{{ messages.getClass }}", "{{ ''.__class__ }}",
                "{{ messages.__init__ }}", "{{ range.__globals__ }}", "{{ namespace().values }}", "{{ loop }}",
                "{{ ____int3rpr3t3r____ }}", "{{ context }}", "{{ self }}"
            })
    void noJavaOrPythonObjectCanBeReached(String template) {
        assertThat(rendered(template)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{{ 'x' * 999999999999 }}",
                "{{ range(999999999) }}",
                "{% set n = namespace(s='xxxxxxxxxx') %}{% for i in range(64) %}{% set n.s = n.s + n.s %}{% endfor %}",
                "{% set n = namespace(l=[1]) %}{% for i in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}",
                "{% set n = namespace(l=[1]) %}{% for i in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor %}"
                        + "{{ n.l | tojson }}",
                "{% set n = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}"
                        + "{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}",
                "{{ 'aaaa' | replace('a', 'b' * 99999999) }}",
                "{{ 2 ** 99999 }}"
            })
    void workIsBounded(String template) {
        assertThatThrownBy(() -> rendered(template)).isInstanceOf(InlayException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '`',
            value = {
                "{{ 'a' | indent(999999999) }} # makes a text of more than 20000000 characters",
                "{{ 'a' * 20000001 }} # makes a text of more than",
                "{{ [1] * 100000000 }} # a list like it",
                "{{ ('a' * 1000000) | list }} # a list like it",
                "{% for i in range(3) %}{{ 'a' * 9000000 }}{% endfor %} # writes more than 20000000 characters",
                "{{ ('a' * 9000000 ~ 'b') in 'a' * 18000000 }} # looks for a text of 9000001 characters in one of",
                "{{ ('a' * 18000000).count('a' * 9000000 ~ 'b') }} # looks for a text of 9000001 characters",
                "{{ ('a' * 18000000).split('a' * 9000000 ~ 'b') }} # looks for a text of 9000001 characters"
            })
    void memoryAndTimeAreRefusedBeforeTheyAreSpent(String template, String part) {
        assertThatThrownBy(() -> rendered(template))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(part);
    }

    @Test
    void strippingManyCharactersTakesNoLongerThanTheirNumber() {
        assertThat(rendered("{{ ('a' * 9000000).strip('b' * 9000000 ~ 'a') | length }}"))
                .isEqualTo("0");
    }

    @Test
    void nestingIsBounded() {
        assertThatThrownBy(() -> template("{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("nested");
        assertThatThrownBy(() -> template("{% if 1 %}".repeat(100_000)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("nested");
        assertThatThrownBy(() -> template("{{ " + "-".repeat(100_000) + "1 }}")).isInstanceOf(InlayException.class);
        assertThatThrownBy(() -> template("{{ " + "not ".repeat(100_000) + "1 }}"))
                .isInstanceOf(InlayException.class);
        assertThatThrownBy(() -> rendered("{{ 1" + " + 1".repeat(100_000) + " }}"))
                .isInstanceOf(InlayException.class);
    }

    @Test
    void textOfMessagesIsNeverReadAsATemplate() {
        ChatTemplate template = ChatTemplate.of("test", "{{ messages[0].content }}", Map.of());
        assertThat(template.render(Conversation.of(new Message("user", "{{ 7 * 7 }}{% x %}")), false)
                        .text())
                .isEqualTo("{{ 7 * 7 }}{% x %}");
    }

    @Test
    void strftimeNowWritesTheTimeOfTheClock() {
        Clock clock = Clock.fixed(Instant.parse("2030-02-03T04:05:06Z"), ZoneOffset.UTC);
        ChatTemplate template = ChatTemplate.of(
                "test", "{{ strftime_now('%d %b %Y %B %A %H:%M:%S %-d %% %j %p %y') }}", Map.of(), clock);
        assertThat(template.render(SHORT, false).text())
                .isEqualTo("03 Feb 2030 February Sunday 04:05:06 3 % 034 AM 30");
    }

    @Test
    void theFileWinsOverTheKeyAndTheDefaultOverOthers() throws Exception {
        assertThat(ChatTemplate.load(directory)).isEmpty();
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"bos_token\": \"<b>\"}");
        assertThat(ChatTemplate.load(directory)).isEmpty();
        Files.writeString(
                directory.resolve("tokenizer_config.json"),
                "{\"bos_token\": \"<b>\", \"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"},"
                        + "{\"name\": \"default\", \"template\": \"{{ bos_token }}d\"}]}");
        ChatTemplate listed = ChatTemplate.load(directory).orElseThrow();
        assertThat(listed.render(SHORT, false).text()).isEqualTo("<b>d");
        Files.writeString(directory.resolve("chat_template.jinja"), "{{ bos_token }}f\n");
        ChatTemplate file = ChatTemplate.load(directory).orElseThrow();
        assertThat(file.render(SHORT, false).text()).isEqualTo("<b>f");
        assertThat(file.source()).endsWith("chat_template.jinja");
        assertThat(file.sha256()).hasSize(64).isNotEqualTo(listed.sha256());
    }

    @Test
    void conversationsWithToolsTakeTheTemplateForTools() throws Exception {
        Conversation withTools = new Conversation(SHORT.messages(), List.of(Map.of("name", "clock")));
        String forTools = "{% for t in tools %}{{ t.name }}{% endfor %}";
        Files.writeString(
                directory.resolve("tokenizer_config.json"),
                "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"" + forTools + "\"},"
                        + "{\"name\": \"default\", \"template\": \"d\"}]}");
        ChatTemplate listed = ChatTemplate.load(directory).orElseThrow();
        assertThat(listed.render(withTools, false).text()).isEqualTo("clock");
        assertThat(listed.render(SHORT, false).text()).isEqualTo("d");
        Files.writeString(directory.resolve("chat_template.jinja"), "d");
        assertThatThrownBy(() -> ChatTemplate.load(directory).orElseThrow().render(withTools, false))
                .hasMessageContaining("leaves out tools");
        Path more = Files.createDirectory(directory.resolve("additional_chat_templates"));
        Files.writeString(more.resolve("tool_use.jinja"), forTools);
        ChatTemplate files = ChatTemplate.load(directory).orElseThrow();
        assertThat(files.render(withTools, false).text()).isEqualTo("clock");
        assertThat(files.sha256()).isEqualTo(listed.sha256());
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "[]", "[{\"name\": \"x\", \"template\": \"y\"}]", "{\"default\": \"x\"}"})
    void aTemplateKeyOfAnotherShapeIsRefused(String key) throws Exception {
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"chat_template\": " + key + "}");
        assertThatThrownBy(() -> ChatTemplate.load(directory))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("named default");
    }

    @Test
    void generatedSpansMatchTheTokensOfTheAnswer() {
        ChatTemplate template = ChatTemplate.of(
                "test",
                "{% for m in messages %}<|im_start|>{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|im_end|>"
                        + "{% endgeneration %}{% else %}{{ m.content }}<|im_end|>{% endif %}{% endfor %}",
                Map.of());
        Rendered rendered = template.render(SHORT, false);
        assertThat(rendered.generated()).containsExactly(new Span(37, 50));
        assertThat(rendered.text().substring(37, 50)).isEqualTo("two<|im_end|>");
    }

    @Test
    @Tag("data")
    void phi3RendersItsConversation() {
        ChatTemplate template = ChatTemplate.load(SharedData.require("hf-tokenizers/phi-3-mini"))
                .orElseThrow();
        assertThat(template.render(SHORT, true).text())
                .startsWith("<|user|>\none<|end|>\n<|assistant|>\ntwo<|end|>\n")
                .contains("<|assistant|>\n");
    }

    private static ChatTemplate template(String source) {
        return ChatTemplate.of("test", source, Map.of("bos_token", "<s>", "eos_token", "</s>", "pad_token", "<pad>"));
    }

    private static String rendered(String source) {
        return template(source).render(SHORT, false).text();
    }
}
