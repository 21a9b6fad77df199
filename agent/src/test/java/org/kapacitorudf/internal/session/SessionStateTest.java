package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kapacitorudf.internal.session.SessionState.CLOSED;
import static org.kapacitorudf.internal.session.SessionState.CONNECTED;
import static org.kapacitorudf.internal.session.SessionState.DRAINING;
import static org.kapacitorudf.internal.session.SessionState.FAILED;
import static org.kapacitorudf.internal.session.SessionState.FLUSHING;
import static org.kapacitorudf.internal.session.SessionState.OUTPUT_ENDED;
import static org.kapacitorudf.internal.session.SessionState.RUNNING;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SessionStateTest {
    private static final Map<SessionState, Set<SessionState>> MOVES = Map.of(
            CONNECTED, Set.of(RUNNING, DRAINING, FAILED, CLOSED),
            RUNNING, Set.of(DRAINING, FAILED, CLOSED),
            DRAINING, Set.of(FAILED, FLUSHING, CLOSED),
            FAILED, Set.of(FLUSHING, CLOSED),
            FLUSHING, Set.of(OUTPUT_ENDED, CLOSED),
            OUTPUT_ENDED, Set.of(CLOSED),
            CLOSED, Set.of());

    @Test
    void aConversationMovesAsInThePictureOnly() {
        for (SessionState from : SessionState.values()) {
            for (SessionState to : SessionState.values()) {
                if (MOVES.get(from).contains(to)) {
                    assertThat(from.to(to)).isEqualTo(to);
                } else {
                    assertThatThrownBy(() -> from.to(to)).isInstanceOf(IllegalStateException.class);
                }
            }
        }
        assertThatThrownBy(() -> OUTPUT_ENDED.to(RUNNING))
                .hasMessage("session state: RUNNING after OUTPUT_ENDED (expected: one of [CLOSED])");
    }
}
