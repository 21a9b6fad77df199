package org.kapacitorudf.server.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LineEncoderTest {
    private static final Map<String, String> NOWHERE = Map.of();

    @Test
    void aLineSaysWhenHowGraveWhereAndWhat() {
        Map<String, String> mdc = Map.of("udf", "movingAvg", "task", "cpu", "node", "movingAvg2");
        assertThat(line(Level.WARN, mdc, "field: {}", null, "usage"))
                .isEqualTo("2026-01-02T03:04:05.060Z WARN  movingAvg cpu/movingAvg2: field: usage\n");
    }

    @Test
    void whatIsMissingIsLeftOut() {
        assertThat(line(Level.INFO, Map.of("udf", "mirror", "task", "", "node", ""), "up", null))
                .isEqualTo("2026-01-02T03:04:05.060Z INFO  mirror: up\n");
        assertThat(line(Level.ERROR, NOWHERE, "up", null))
                .isEqualTo("2026-01-02T03:04:05.060Z ERROR kapacitor-udf: up\n");
    }

    @Test
    void aValueCannotForgeALine() {
        assertThat(line(Level.INFO, NOWHERE, "{}", null, "a\nb\rc\u001b[2Jd\u0085e\u2028"))
                .endsWith(": a\\nb\\rc\\u001b[2Jd\\u0085e\u2028\n");
        assertThat(line(Level.INFO, Map.of("udf", "a\nb"), "up", null)).contains(" a\\nb: up\n");
    }

    @Test
    void aStackTraceHasItsCausesAndItsSuppressed() {
        Exception failure = new IllegalStateException("outer", new RuntimeException("inner\nline"));
        failure.addSuppressed(new RuntimeException("beside"));
        assertThat(line(Level.ERROR, NOWHERE, "failed", failure))
                .contains(
                        ": failed\njava.lang.IllegalStateException: outer\n\tat org.kapacitorudf.server.logging.LineEncoderTest.")
                .contains("\n\tSuppressed: java.lang.RuntimeException: beside\n\t\tat ")
                .contains("\nCaused by: java.lang.RuntimeException: inner\\nline\n")
                .containsPattern("\n\t\\.\\.\\. \\d+ more\n");
    }

    @Test
    void aCircleOfCausesEnds() {
        RuntimeException one = new RuntimeException("one");
        RuntimeException two = new RuntimeException("two", one);
        one.initCause(two);
        assertThat(line(Level.ERROR, NOWHERE, "failed", one))
                .contains("Caused by: seen above: java.lang.RuntimeException: one\n");
    }

    @Test
    void coloursAreForTerminals() {
        assertThat(new String(
                        new LineEncoder(true).encode(event(Level.WARN, NOWHERE, "up", null)), StandardCharsets.UTF_8))
                .isEqualTo("2026-01-02T03:04:05.060Z \u001b[33mWARN\u001b[0m  kapacitor-udf: up\n");
    }

    private static String line(
            Level level, Map<String, String> mdc, String message, Throwable throwable, Object... arguments) {
        LoggingEvent event = event(level, mdc, message, throwable, arguments);
        return new String(new LineEncoder(false).encode(event), StandardCharsets.UTF_8);
    }

    private static LoggingEvent event(
            Level level, Map<String, String> mdc, String message, Throwable throwable, Object... arguments) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event = new LoggingEvent("", context.getLogger("x"), level, message, throwable, arguments);
        event.setInstant(Instant.parse("2026-01-02T03:04:05.060Z"));
        event.setMDCPropertyMap(mdc);
        return event;
    }
}
