package dev.inlay.adapter.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Gates in files. */
class GateTextTest {
    private static final TriggerGate TRIGGER = TriggerGate.of(new Trigger(List.of(7, 8), "<|\"go\"|>"));

    static List<Gate> gates() {
        return List.of(
                TRIGGER,
                TRIGGER.with(Boundary.AFTER_TRIGGER).with(OnMissing.BASE),
                TRIGGER.with(Occurrence.EVERY, new Closing.After(4)),
                TRIGGER.with(Occurrence.FIRST, new Closing.Before(Trigger.of(List.of(9)))),
                new ResponseGate(ResponseGate.Edge.LAST_INSTRUCTION_TOKEN),
                new StatedGate(),
                new FixedGate(Segments.of(0, 1, 0.5, 0)),
                new FixedGate(Segments.CLOSED),
                Gate.OPEN,
                new ScaledGate(new OppositeGate(TRIGGER), 0.5),
                new RandomGate(TRIGGER, 0.25, -7));
    }

    @ParameterizedTest
    @MethodSource("gates")
    void whatIsWrittenIsRead(Gate gate) {
        assertThat(GateText.parse(GateText.of(gate), "x")).isEqualTo(gate);
    }

    @Test
    void theTextIsThatOfTheFormat() {
        assertThat(GateText.of(TRIGGER))
                .isEqualTo("{\"boundary\":\"AT_FIRST_TRIGGER_TOKEN\",\"ids\":[7,8],\"occurrence\":\"LAST\","
                        + "\"onMissing\":\"ERROR\",\"rule\":\"trigger\",\"text\":\"<|\\\"go\\\"|>\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | object",
                "{} | rule",
                "{'rule':'moon'} | one of trigger",
                "{'rule':'stated','more':1} | no such key",
                "{'rule':'trigger','ids':[],'boundary':'ONE_BEFORE','occurrence':'LAST','onMissing':'BASE'} | at least one",
                "{'rule':'trigger','ids':[-1],'boundary':'ONE_BEFORE','occurrence':'LAST','onMissing':'BASE'} | ids",
                "{'rule':'trigger','ids':[1.5],'boundary':'ONE_BEFORE','occurrence':'LAST','onMissing':'BASE'} | ids",
                "{'rule':'trigger','ids':[1],'boundary':'HERE','occurrence':'LAST','onMissing':'BASE'} | boundary",
                "{'rule':'trigger','ids':[1],'boundary':'ONE_BEFORE','occurrence':'EVERY','onMissing':'BASE'} | closes",
                "{'rule':'fixed','starts':[3,1],'strengths':[1,0]} | one after the other",
                "{'rule':'fixed','starts':[3],'strengths':[1,0]} | one number for each",
                "{'rule':'fixed','starts':[3],'strengths':[1e999]} | finite",
                "{'rule':'scaled','factor':1e999,'of':{'rule':'stated'}} | finite",
                "{'rule':'opposite','of':7} | object"
            })
    void hostileTextsAreRefusedWithAWordOnWhatIsWrong(String text, String message) {
        assertThatThrownBy(() -> GateText.parse(text.replace('\'', '"'), "gate.json"))
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.ADAPTER))
                .hasMessageContaining(message);
    }

    @Test
    void aGateThatNoFileCanHoldIsNotWritten() {
        Gate own = new Gate() {
            @Override
            public Segments over(Reading row) {
                return Segments.CLOSED;
            }

            @Override
            public String toString() {
                return "my own";
            }
        };
        assertThatThrownBy(() -> GateText.of(own)).hasMessageContaining("my own");
    }
}
