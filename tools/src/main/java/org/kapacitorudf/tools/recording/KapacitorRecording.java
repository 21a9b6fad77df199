package org.kapacitorudf.tools.recording;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/**
 * A recorded session between a real Kapacitor and an agent. It is replayed to another agent byte for byte, as written
 * by Kapacitor.
 *
 * <pre>{@code
 * KapacitorRecording recording = KapacitorRecording.of("movingAvg-2");
 * try (Kapacitor kapacitor = Kapacitor.builder().keepalives(false).spawn("kapacitor-udf", "run", "movingAvg")) {
 *     assertThat(recording.differences(recording.replay(kapacitor))).isEmpty();
 * }
 * }</pre>
 *
 * <p>Recorded with Kapacitor 1.5.7, with the UDF code of 1.8.3, and Kapacitor's own examples:
 *
 * <table>
 * <caption>Recordings</caption>
 * <tr><td>{@code movingAvg-1}, {@code outliers-1}, {@code options-1}</td><td>the start of the daemon: Info and the
 * end</td></tr>
 * <tr><td>{@code movingAvg-2}</td><td>{@code @movingAvg().field('value').size(4).as('mean')} by group and host: 124
 * points in two groups, all types of field, keepalives, snapshots. The Go example also keeps bool fields, by
 * oversight.</td></tr>
 * <tr><td>{@code movingAvg-3}</td><td>the next start of the same task: Init, Restore (in Go's own format), one
 * point</td></tr>
 * <tr><td>{@code outliers-2}</td><td>{@code @outliers().field('value').scale(1.5)} after a window of 20 s: batches of
 * two groups</td></tr>
 * <tr><td>{@code options-2}</td><td>a Python mirror with every type of option; points with non-ASCII tags, 5e-324,
 * 1.797e308, -0.0, the largest int, an empty string</td></tr>
 * <tr><td>{@code options-3}</td><td>the mirror, grouping by measurement</td></tr>
 * </table>
 *
 * <p>Threading: immutable; a replay blocks the thread that calls it.
 *
 * <p>Errors: missing or inconsistent files cause an {@link UncheckedIOException} or {@link IllegalArgumentException};
 * an agent with unexpected responses causes a {@link StandInException}.
 */
public final class KapacitorRecording {
    private static final List<String> NAMES = List.of(
            "movingAvg-1",
            "movingAvg-2",
            "movingAvg-3",
            "options-1",
            "options-2",
            "options-3",
            "outliers-1",
            "outliers-2");
    private static final Pattern TIMELINE =
            Pattern.compile("\\{\"ms\": [0-9.]+, \"dir\": \"(request|response)\", \"bytes\": ([0-9]+)}");
    /** The answers that Kapacitor waits for. */
    private static final Set<MessageCase> AWAITED = EnumSet.of(MessageCase.INFO, MessageCase.INIT, MessageCase.RESTORE);

    private static final double TOLERANCE = 1e-9;
    private static final int MAX_DIFFERENCES = 20;

    private final String name;
    private final byte[] sentBytes;
    private final List<Integer> chunks;
    private final List<Sent> sent;
    private final List<Response> expected;
    private final double tolerance;

    private KapacitorRecording(
            String name, byte[] sentBytes, List<Integer> chunks, List<Response> expected, double tolerance) {
        this.name = name;
        this.sentBytes = sentBytes;
        this.chunks = chunks;
        sent = sent(sentBytes);
        this.expected = expected;
        this.tolerance = tolerance;
    }

    /** The names of the bundled recordings. */
    public static List<String> names() {
        return NAMES;
    }

    /** The bundled recording with this name. */
    public static KapacitorRecording of(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("name: " + name + " (expected: one of " + NAMES + ")");
        }
        return read(name, file -> {
            try (InputStream in = KapacitorRecording.class.getResourceAsStream("recordings/" + file)) {
                return Objects.requireNonNull(in, file).readAllBytes();
            }
        });
    }

    /** Reads a recording from three files: {@code NAME.requests}, {@code NAME.responses}, {@code NAME.timeline}. */
    public static KapacitorRecording read(Path directory, String name) {
        return read(name, file -> Files.readAllBytes(directory.resolve(file)));
    }

    /** The recording's name. */
    public String name() {
        return name;
    }

    /** What Kapacitor sent. */
    public List<Request> requests() {
        return sent.stream().map(Sent::request).toList();
    }

    /** The expected responses: those that were recorded, as changed by {@link #expecting}. */
    public List<Response> expected() {
        return expected;
    }

    /** Returns a copy with some of the expected responses changed; a response that becomes null is not expected. */
    public KapacitorRecording expecting(UnaryOperator<Response> change) {
        List<Response> changed =
                expected.stream().map(change).filter(Objects::nonNull).toList();
        return new KapacitorRecording(name, sentBytes, chunks, changed, tolerance);
    }

    /** Returns a copy that compares doubles exactly, instead of with a tolerance of 1e-9. Use it for a mirror. */
    public KapacitorRecording exactly() {
        return new KapacitorRecording(name, sentBytes, chunks, expected, 0);
    }

    /**
     * Sends the recorded requests, divided into the recorded writes, and waits where Kapacitor waits. Then waits for
     * the end of the session, and returns all responses.
     *
     * @param kapacitor a new session with keepalives disabled, because the recording contains them
     */
    public List<Response> replay(Kapacitor kapacitor) {
        return replay(kapacitor, Duration.ofSeconds(10));
    }

    /** Like {@link #replay(Kapacitor)}, but each wait has this limit. */
    public List<Response> replay(Kapacitor kapacitor, Duration limit) {
        Map<MessageCase, Integer> asked = new EnumMap<>(MessageCase.class);
        int from = 0;
        for (Sent next : sent) {
            MessageCase answer = answer(next.request);
            if (answer == null) {
                continue;
            }
            int count = asked.getOrDefault(answer, 0) + 1;
            asked.put(answer, count);
            kapacitor.asksRaw(answer);
            if (AWAITED.contains(answer)) {
                kapacitor.sendRaw(pieces(from, next.endOffset));
                kapacitor.awaitResponses(answer, count, limit);
                from = next.endOffset;
            }
        }
        kapacitor.sendRaw(pieces(from, sentBytes.length));
        asked.forEach((kind, count) -> kapacitor.awaitResponses(kind, count, limit));
        kapacitor.closeInput();
        kapacitor.awaitEnd(limit);
        return kapacitor.responses();
    }

    /**
     * Compares responses with the recorded ones by their meaning for Kapacitor, like the command {@code replay}.
     *
     * @return a text for each difference; empty if there is none
     */
    public List<String> differences(List<Response> actual) {
        Comparison comparison = new Comparison(tolerance, MAX_DIFFERENCES);
        expected.forEach(comparison::expect);
        actual.forEach(comparison::came);
        comparison.finish(false);
        return comparison.differences();
    }

    @Override
    public String toString() {
        return name;
    }

    private record Sent(Request request, int endOffset) {}

    private interface Reader {
        byte[] read(String file) throws IOException;
    }

    private static KapacitorRecording read(String name, Reader reader) {
        try {
            byte[] requests = reader.read(name + ".requests");
            List<Response> responses = Frames.responses(reader.read(name + ".responses"));
            String timeline = new String(reader.read(name + ".timeline"), StandardCharsets.UTF_8);
            List<Integer> chunks = new ArrayList<>();
            for (String line : timeline.lines().toList()) {
                Matcher matcher = TIMELINE.matcher(line);
                if (!matcher.matches()) {
                    throw new IllegalArgumentException("timeline: " + line + " (expected: " + TIMELINE + ")");
                }
                if (matcher.group(1).equals("request")) {
                    chunks.add(Integer.parseInt(matcher.group(2)));
                }
            }
            int bytes = chunks.stream().mapToInt(Integer::intValue).sum();
            if (bytes != requests.length) {
                throw new IllegalArgumentException(
                        "timeline: " + bytes + " bytes of requests (expected: " + requests.length + ")");
            }
            return new KapacitorRecording(name, requests, List.copyOf(chunks), responses, TOLERANCE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Replay

    private static @Nullable MessageCase answer(Request request) {
        return switch (request.getMessageCase()) {
            case INFO -> MessageCase.INFO;
            case INIT -> MessageCase.INIT;
            case SNAPSHOT -> MessageCase.SNAPSHOT;
            case RESTORE -> MessageCase.RESTORE;
            default -> null;
        };
    }

    private List<byte[]> pieces(int from, int to) {
        List<byte[]> pieces = new ArrayList<>();
        int start = 0;
        for (int chunk : chunks) {
            int end = start + chunk;
            if (Math.max(start, from) < Math.min(end, to)) {
                pieces.add(Arrays.copyOfRange(sentBytes, Math.max(start, from), Math.min(end, to)));
            }
            start = end;
        }
        return pieces;
    }

    private static List<Sent> sent(byte[] bytes) {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        List<Sent> sent = new ArrayList<>();
        try {
            while (in.available() > 0) {
                Request request = Request.parseDelimitedFrom(in);
                sent.add(new Sent(request, bytes.length - in.available()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sent;
    }
}
