package org.kapacitorudf.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Formats lines for Telegraf, which reads the level from the first letter and adds the time itself.
 *
 * <pre>
 *   W! movingAvg: value: missing (expected: a double or int field)
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 */
final class TelegrafEncoder extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        Map<String, String> mdc = event.getMDCPropertyMap();
        String udf = mdc.getOrDefault("udf", "");
        StringBuilder text = new StringBuilder(udf.isEmpty() ? "kapacitor-udf" : "kapacitor-udf " + udf)
                .append(": ")
                .append(event.getFormattedMessage());
        if (event.getThrowableProxy() != null) {
            text.append('\n').append(LineEncoder.stack(event.getThrowableProxy()));
        }
        StringBuilder lines = new StringBuilder();
        text.toString().lines().forEach(line -> {
            lines.append(letter(event.getLevel())).append("! ");
            LineEncoder.escape(lines, line);
            lines.append('\n');
        });
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static char letter(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> 'E';
            case Level.WARN_INT -> 'W';
            case Level.INFO_INT -> 'I';
            default -> 'D';
        };
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
