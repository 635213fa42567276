package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class RehearsalTest {
    /** The launcher ignores its failures, so that only this test would notice them. */
    @Test
    void touchesEverythingWithoutFailing() {
        assertThatCode(() -> Rehearsal.main(new String[0])).doesNotThrowAnyException();
    }
}
