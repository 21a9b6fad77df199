package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class SessionStateTest {
    @Test
    void aConversationGoesForwardOnly() {
        assertThat(SessionState.CONNECTED
                        .to(SessionState.RUNNING)
                        .to(SessionState.DRAINING)
                        .to(SessionState.CLOSED))
                .isEqualTo(SessionState.CLOSED);
        assertThatThrownBy(() -> SessionState.DRAINING.to(SessionState.RUNNING))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("session state: RUNNING after DRAINING (expected: one of [CLOSED])");
    }

    @Test
    void aPeerMayGoAtAnyTime() {
        for (SessionState state : SessionState.values()) {
            if (state != SessionState.CLOSED) {
                assertThat(state.to(SessionState.CLOSED)).isEqualTo(SessionState.CLOSED);
            }
        }
    }
}
