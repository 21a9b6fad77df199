package org.kapacitorudf.internal.codec;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.OptionInfo;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.ValueType;

/**
 * Messages as text for people, a line each.
 *
 * <pre>
 *   Init task cpu, node movingAvg2 .field('value').size(4).as('mean')
 *   Point cpu,host=a value=1.5 1700000000000000000 [telegraf.autogen, by host]
 *   BeginBatch cpu,host=a of 4 points
 *   Info stream to stream .as(string).field(string).size(int)
 * </pre>
 *
 * <p>By the classes that protoc makes, whatever a message is: here nobody is in a hurry.
 *
 * <p>Threading: stateless, safe for any thread.
 *
 * <p>Errors: none; what is no message says so.
 */
public final class MessageText {
    private static final int INIT_TAG = 2 << 3 | 2;
    private static final int BYTES_PER_CHARACTER = 32;
    private static final long[] UNIT_NANOS = {3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L, 1_000L};
    private static final String[] UNITS = {"h", "m", "s", "ms", "u"};

    private MessageText() {}

    /**
     * A request.
     *
     * @param body of the frame
     * @param maxCharacters how long the text may be; the rest is counted
     * @param secretOptions whose arguments are not shown
     */
    public static String ofRequest(byte[] body, int maxCharacters, Set<String> secretOptions) {
        if (isTooLarge(body, maxCharacters)) {
            return "a request of " + body.length + " bytes";
        }
        try {
            return line(of(Request.parseFrom(body), secretOptions), maxCharacters);
        } catch (InvalidProtocolBufferException e) {
            return malformed("request", body, e, maxCharacters);
        }
    }

    /**
     * A response.
     *
     * @param body of the frame
     * @param maxCharacters how long the text may be; the rest is counted
     */
    public static String ofResponse(byte[] body, int maxCharacters) {
        if (isTooLarge(body, maxCharacters)) {
            return "a response of " + body.length + " bytes";
        }
        try {
            return line(of(Response.parseFrom(body)), maxCharacters);
        } catch (InvalidProtocolBufferException e) {
            return malformed("response", body, e, maxCharacters);
        }
    }

    /** Whether a request's body begins as that of an Init. */
    public static boolean isInit(byte[] body) {
        return body.length > 0 && body[0] == INIT_TAG;
    }

    /** Its text would take many times as much memory, to be cut then. */
    private static boolean isTooLarge(byte[] body, int maxCharacters) {
        return body.length / BYTES_PER_CHARACTER > maxCharacters;
    }

    private static String malformed(String what, byte[] body, InvalidProtocolBufferException cause, int maxCharacters) {
        return line("no " + what + ", " + body.length + " bytes: " + cause.getMessage(), maxCharacters);
    }

    private static String of(Request request, Set<String> secretOptions) {
        return switch (request.getMessageCase()) {
            case INFO -> "Info";
            case INIT -> init(request.getInit(), secretOptions);
            case KEEPALIVE -> "Keepalive " + request.getKeepalive().getTime();
            case SNAPSHOT -> "Snapshot";
            case RESTORE -> "Restore " + request.getRestore().getSnapshot().size() + " bytes";
            case BEGIN -> begin(request.getBegin());
            case POINT -> point(request.getPoint());
            case END -> end(request.getEnd());
            case MESSAGE_NOT_SET -> "a request without a message that is known";
        };
    }

    private static String of(Response response) {
        return switch (response.getMessageCase()) {
            case INFO -> info(response.getInfo());
            case INIT ->
                outcome(
                        "Init",
                        response.getInit().getSuccess(),
                        response.getInit().getError());
            case KEEPALIVE -> "Keepalive " + response.getKeepalive().getTime();
            case SNAPSHOT -> "Snapshot " + response.getSnapshot().getSnapshot().size() + " bytes";
            case RESTORE ->
                outcome(
                        "Restore",
                        response.getRestore().getSuccess(),
                        response.getRestore().getError());
            case ERROR -> "Error " + response.getError().getError();
            case BEGIN -> begin(response.getBegin());
            case POINT -> point(response.getPoint());
            case END -> end(response.getEnd());
            case MESSAGE_NOT_SET -> "a response without a message that is known";
        };
    }

    private static String outcome(String what, boolean success, String error) {
        return what + (success ? " ok" : " refused: " + error);
    }

    private static String init(InitRequest init, Set<String> secretOptions) {
        StringBuilder text = new StringBuilder("Init task ")
                .append(init.getTaskID())
                .append(", node ")
                .append(init.getNodeID())
                .append(init.getOptionsCount() == 0 ? "" : " ");
        for (Option option : init.getOptionsList()) {
            String arguments = secretOptions.contains(option.getName())
                    ? "***"
                    : option.getValuesList().stream().map(MessageText::literal).collect(Collectors.joining(", "));
            text.append('.')
                    .append(option.getName())
                    .append('(')
                    .append(arguments)
                    .append(')');
        }
        return text.toString();
    }

    private static String literal(OptionValue value) {
        return switch (value.getValueCase()) {
            case BOOLVALUE -> value.getBoolValue() ? "TRUE" : "FALSE";
            case INTVALUE -> Long.toString(value.getIntValue());
            case DOUBLEVALUE -> Double.toString(value.getDoubleValue());
            case STRINGVALUE -> "'" + value.getStringValue().replace("'", "\\'") + "'";
            case DURATIONVALUE -> duration(value.getDurationValue());
            case VALUE_NOT_SET -> "no literal";
        };
    }

    private static String duration(long nanos) {
        for (int i = 0; i < UNITS.length; i++) {
            if (nanos % UNIT_NANOS[i] == 0) {
                return nanos / UNIT_NANOS[i] + UNITS[i];
            }
        }
        return nanos + "ns";
    }

    private static String info(InfoResponse info) {
        StringBuilder text = new StringBuilder("Info ")
                .append(lowerCase(info.getWants()))
                .append(" to ")
                .append(lowerCase(info.getProvides()));
        if (info.getOptionsCount() > 0) {
            text.append(' ');
        }
        options(info)
                .forEach((name, types) -> text.append('.')
                        .append(name)
                        .append('(')
                        .append(String.join(", ", types))
                        .append(')'));
        return text.toString();
    }

    /** A function's options by name, each with the types of its arguments: {@code string}, {@code int}. */
    public static Map<String, List<String>> options(InfoResponse info) {
        Map<String, List<String>> options = new TreeMap<>();
        info.getOptionsMap().forEach((name, option) -> options.put(name, types(option)));
        return options;
    }

    private static List<String> types(OptionInfo option) {
        return option.getValueTypesList().stream()
                .map(type -> type == ValueType.UNRECOGNIZED ? "?" : lowerCase(type))
                .toList();
    }

    private static String begin(BeginBatch begin) {
        return "BeginBatch " + series(begin.getName(), begin.getTagsMap()) + " of " + begin.getSize() + " points"
                + (begin.getByName() ? ", by measurement" : "");
    }

    private static String end(EndBatch end) {
        return "EndBatch " + series(end.getName(), end.getTagsMap()) + " until " + end.getTmax();
    }

    private static String series(String name, Map<String, String> tags) {
        StringBuilder series = new StringBuilder(name);
        new TreeMap<>(tags)
                .forEach((tag, value) ->
                        series.append(',').append(tag).append('=').append(value));
        return series.toString();
    }

    private static String point(Point point) {
        byte[] bytes = point.toByteArray();
        String line = org.kapacitorudf.Point.decode(bytes).toString();
        StringBuilder about = new StringBuilder();
        if (!point.getDatabase().isEmpty() || !point.getRetentionPolicy().isEmpty()) {
            about.append(point.getDatabase()).append('.').append(point.getRetentionPolicy());
        }
        if (point.getByName() || point.getDimensionsCount() > 0) {
            about.append(about.isEmpty() ? "by " : ", by ")
                    .append(point.getByName() ? "measurement" : "")
                    .append(point.getByName() && point.getDimensionsCount() > 0 ? ", " : "")
                    .append(String.join(", ", point.getDimensionsList()));
        }
        return "Point " + line + (about.isEmpty() ? "" : " [" + about + "]");
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** On one line, whatever is in it, and not too long. */
    private static String line(String text, int maxCharacters) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), maxCharacters));
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (line.length() >= maxCharacters) {
                return line.append("... (")
                        .append(text.length() - i)
                        .append(" more)")
                        .toString();
            }
            if (c == '\n') {
                line.append("\\n");
            } else if (Character.isISOControl(c)) {
                line.append(String.format("\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        return line.toString();
    }
}
