package org.kapacitorudf.server.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.IntSupplier;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Formats each event as one line with a JSON object.
 *
 * <pre>
 *   {"time":"2026-01-02T03:04:05.678Z","level":"WARN","logger":"org.kapacitorudf.udf.movingAvg",
 *    "message":"point skipped: ...","udf":"movingAvg","task":"cpu_task","node":"movingAvg2","connection":"7",
 *    "stack":"java.lang.IllegalStateException: ...\n\tat ..."}
 * </pre>
 *
 * <p>{@code udf}, {@code task}, {@code node} and {@code connection} are present for events of a connection, and
 * {@code stack} for exceptions. If a line exceeds the limit, first the stack is shortened and then, if necessary, the
 * message. The line is always valid JSON.
 *
 * <p>Threading: safe for use by any thread.
 */
final class JsonEncoder extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};
    private static final String CUT = "...";
    private static final int MAX_NAME_CHARS = 200;
    private static final String[] CONTEXT = {"udf", "task", "node", "connection"};

    private final JsonFactory json = new JsonFactory();
    private final IntSupplier maxBytes;

    /** @param maxBytes the maximum length of a line, without its line feed */
    JsonEncoder(IntSupplier maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String message = String.valueOf(event.getFormattedMessage());
        String stack = event.getThrowableProxy() == null ? "" : LineEncoder.stack(event.getThrowableProxy());
        byte[] line = line(event, message, stack);
        int over = over(line);
        if (over > 0 && !stack.isEmpty()) {
            stack = cut(stack, over);
            line = line(event, message, stack);
            over = over(line);
        }
        if (over > 0) {
            message = cut(message, over);
            line = line(event, message, stack);
        }
        return line;
    }

    private int over(byte[] line) {
        return line.length - 1 - maxBytes.getAsInt();
    }

    /**
     * Shortens a string by at least the given number of bytes: removes that many characters, each of which has at
     * least one byte.
     */
    private static String cut(String text, int bytes) {
        int kept = Math.max(0, text.length() - bytes - CUT.length());
        return text.substring(0, kept) + CUT;
    }

    private byte[] line(ILoggingEvent event, String message, String stack) {
        StringWriter text = new StringWriter(256);
        Map<String, String> mdc = event.getMDCPropertyMap();
        try (JsonGenerator line = json.createGenerator(ObjectWriteContext.empty(), text)) {
            line.writeStartObject();
            line.writeStringProperty("time", LineEncoder.TIME.format(event.getInstant()));
            line.writeStringProperty("level", event.getLevel().toString());
            line.writeStringProperty("logger", name(event.getLoggerName()));
            line.writeStringProperty("message", message);
            for (String key : CONTEXT) {
                String value = mdc.getOrDefault(key, "");
                if (!value.isEmpty()) {
                    line.writeStringProperty(key, name(value));
                }
            }
            if (!stack.isEmpty()) {
                line.writeStringProperty("stack", stack);
            }
            line.writeEndObject();
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String name(String text) {
        return text.length() <= MAX_NAME_CHARS ? text : text.substring(0, MAX_NAME_CHARS) + CUT;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
