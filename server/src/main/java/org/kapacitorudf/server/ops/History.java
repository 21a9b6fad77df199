package org.kapacitorudf.server.ops;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.kapacitorudf.agent.Connection;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Samples of the numbers of points that connections have received, over the last minutes. The status page loads them
 * when it is opened.
 *
 * <p>Threading: safe for use by any thread.
 */
final class History {
    /** The time between two samples. */
    static final long INTERVAL_MILLIS = 5_000;

    private static final int MAX_SAMPLES = 60;
    private static final JsonFactory JSON = new JsonFactory();

    private final int maxConnections;

    @GuardedBy("this")
    private final Deque<Long> millis = new ArrayDeque<>();

    @GuardedBy("this")
    private Map<Long, Deque<Long>> pointsIn = new HashMap<>(); // by connection number; the newest sample is last

    History(int maxConnections) {
        this.maxConnections = maxConnections;
    }

    /** Takes a sample, and removes the samples of connections that are no longer open. */
    synchronized void sample(Collection<Connection> connections, long nowMillis) {
        Map<Long, Deque<Long>> before = pointsIn;
        Map<Long, Deque<Long>> next = new HashMap<>();
        connections.stream().limit(maxConnections).forEach(connection -> {
            Deque<Long> samples = before.getOrDefault(connection.number(), new ArrayDeque<>());
            add(samples, connection.counts().pointsIn());
            next.put(connection.number(), samples);
        });
        pointsIn = next;
        add(millis, nowMillis);
    }

    private static void add(Deque<Long> samples, long value) {
        if (samples.size() == MAX_SAMPLES) {
            samples.removeFirst();
        }
        samples.addLast(value);
    }

    synchronized String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("millis");
            millis.forEach(json::writeNumber);
            json.writeEndArray();
            json.writeArrayPropertyStart("connections");
            pointsIn.forEach((number, samples) -> {
                json.writeStartObject();
                json.writeNumberProperty("number", number);
                json.writeArrayPropertyStart("pointsIn");
                samples.forEach(json::writeNumber);
                json.writeEndArray();
                json.writeEndObject();
            });
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }
}
