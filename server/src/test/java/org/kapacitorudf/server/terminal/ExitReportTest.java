package org.kapacitorudf.server.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ExitReportTest {
    private static StackTraceElement frame(String type, String method) {
        return new StackTraceElement(type, method, null, -1);
    }

    private static final StackTraceElement[] EXITING = {
        frame("java.lang.Thread", "join"),
        frame("java.lang.Shutdown", "exit"),
        frame("java.lang.Runtime", "exit"),
        frame("java.lang.System", "exit"),
        frame("org.example.Rate", "point")
    };

    @Test
    void whoCalledSystemExitIsNamedWithTheWayThatLedThere() {
        Thread culprit = new Thread("udf-rate");
        assertThat(ExitReport.text(Map.of(culprit, EXITING, new Thread(), new StackTraceElement[0])))
                .startsWith("; thread udf-rate, at\n\tat java.lang.Runtime.exit")
                .endsWith("\tat org.example.Rate.point(Unknown Source)");
    }

    @Test
    void aSignalIsNotReportedAsACallOfExit() {
        StackTraceElement[] signalled = {frame("java.lang.Shutdown", "exit"), frame("java.lang.Terminator$1", "handle")
        };
        assertThat(ExitReport.text(Map.of(new Thread(), signalled))).isEmpty();
    }
}
