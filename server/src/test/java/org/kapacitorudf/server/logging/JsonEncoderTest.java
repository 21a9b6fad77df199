package org.kapacitorudf.server.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonEncoderTest {
    private static final Map<String, String> NOWHERE = Map.of();
    private static final int LIMIT = 1_000;

    @Test
    void aLineIsAnObjectWithWhatIsKnown() {
        Map<String, String> mdc = Map.of("udf", "movingAvg", "task", "cpu", "node", "movingAvg2", "connection", "7");
        assertThat(line(mdc, "field: usage", null))
                .isEqualTo("{\"time\":\"2026-01-02T03:04:05.060Z\",\"level\":\"WARN\",\"logger\":\"x\","
                        + "\"message\":\"field: usage\",\"udf\":\"movingAvg\",\"task\":\"cpu\",\"node\":\"movingAvg2\","
                        + "\"connection\":\"7\"}\n");
    }

    @Test
    void whatIsMissingIsLeftOut() {
        assertThat(line(Map.of("udf", "mirror", "task", "", "node", ""), "up", null))
                .isEqualTo(
                        "{\"time\":\"2026-01-02T03:04:05.060Z\",\"level\":\"WARN\",\"logger\":\"x\",\"message\":\"up\","
                                + "\"udf\":\"mirror\"}\n");
    }

    @Test
    void whateverIsLoggedIsOneLineOfJson() {
        String odd = "a\nb\r\"c\"\\\u0000\u001b[2J\u2028\ud83d\ude00\ud800 {}";
        String line =
                line(100_000, Map.of("task", odd), odd, new IllegalStateException(odd, new RuntimeException("inner")));
        assertThat(line.strip()).doesNotContain("\n").doesNotContain("\r");
        JsonNode read = read(line);
        // A lone surrogate is not a character in UTF-8.
        assertThat(read.get("message").asString()).isEqualTo(odd.replace('\ud800', '?'));
        assertThat(read.get("task").asString()).isEqualTo(odd.replace('\ud800', '?'));
        assertThat(read.get("stack").asString())
                .startsWith("java.lang.IllegalStateException: a\\nb")
                .contains("\nCaused by: java.lang.RuntimeException: inner\n");
    }

    @Test
    void aLineThatWouldBeCutIsMadeToFitTheStackFirst() {
        String atTheLimit = "x".repeat(LIMIT - line(NOWHERE, "", null).length() + 1);
        assertThat(line(NOWHERE, atTheLimit, null)).hasSize(LIMIT + 1);
        assertThat(read(line(NOWHERE, atTheLimit, null)).get("message").asString())
                .isEqualTo(atTheLimit);
        String over = line(NOWHERE, atTheLimit + "x", null);
        assertThat(over.length()).isLessThanOrEqualTo(LIMIT + 1);
        assertThat(read(over).get("message").asString()).endsWith("x...");
        JsonNode withStack = read(line(NOWHERE, "short", new IllegalStateException("\n".repeat(5_000))));
        assertThat(withStack.get("message").asString()).isEqualTo("short");
        assertThat(withStack.get("stack").asString()).endsWith("...");
        JsonNode both = read(
                line(Map.of("task", "\u0001".repeat(200)), "\u0001".repeat(5_000), new IllegalStateException("x")));
        assertThat(both.get("message").asString()).endsWith("...");
    }

    private static JsonNode read(String line) {
        return new JsonMapper().readTree(line);
    }

    private static String line(Map<String, String> mdc, String message, Throwable throwable) {
        return line(LIMIT, mdc, message, throwable);
    }

    private static String line(int limit, Map<String, String> mdc, String message, Throwable throwable) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event =
                new LoggingEvent("", context.getLogger("x"), Level.WARN, message, throwable, new Object[0]);
        event.setInstant(Instant.parse("2026-01-02T03:04:05.060Z"));
        event.setMDCPropertyMap(mdc);
        return new String(new JsonEncoder(() -> limit).encode(event), StandardCharsets.UTF_8);
    }
}
