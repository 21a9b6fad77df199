package org.kapacitorudf.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;

/**
 * The resources of a server at one time.
 *
 * @param heapBytes live objects after a collection
 * @param bufferBytes buffers in use
 * @param directBytes direct memory of the allocator, in use or not
 * @param threads the number of threads, without the agent's workers
 * @param workers the number of the agent's worker threads, busy or idle
 * @param descriptors the number of open files and sockets
 * @param temporaryFiles the number of files in the temporary directory
 * @param residentBytes the resident memory of the process, as counted by the system
 */
record ServerResources(
        long heapBytes,
        long bufferBytes,
        long directBytes,
        long threads,
        long workers,
        long descriptors,
        long temporaryFiles,
        long residentBytes) {
    private static final double MEGA = 1e6;
    private static final double HEAP_FACTOR = 1.2;
    private static final long HEAP_SLACK_BYTES = 8 << 20;
    private static final long DIRECT_SLACK_BYTES = 32 << 20;
    // A measurement uses a connection with a read buffer, and the connection of the previous measurement may not have
    // ended.
    private static final long BUFFER_SLACK_BYTES = 32 << 10;
    // A server keeps up to this many worker threads while it is active.
    private static final long WORKERS_SLACK = Runtime.getRuntime().availableProcessors() + 2;
    // The JVM starts some threads, and opens some of its jars, when it first needs them.
    private static final long THREADS_SLACK = 2;
    private static final long DESCRIPTORS_SLACK = 8;
    private static final double TREND_FACTOR = 1.25;
    private static final long TREND_SLACK_BYTES = 64 << 20;
    private static final long TREND_SLACK = 64;
    private static final int TREND_SAMPLES = 12;

    /**
     * Measures a server: calls a function that runs inside it, and reads from the system what can only be seen from
     * outside.
     */
    static ServerResources of(SoakServer server) throws IOException {
        Map<String, Long> inside = ask(server);
        return new ServerResources(
                Objects.requireNonNull(inside.get(ResourceProbe.HEAP)),
                Objects.requireNonNull(inside.get(ResourceProbe.BUFFERS)),
                Objects.requireNonNull(inside.get(ResourceProbe.DIRECT)),
                Objects.requireNonNull(inside.get(ResourceProbe.THREADS)),
                Objects.requireNonNull(inside.get(ResourceProbe.WORKERS)),
                server.descriptors(),
                server.temporaryFiles(),
                server.residentBytes());
    }

    private static Map<String, Long> ask(SoakServer server) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(server.socket("soakInsider")))) {
            OutputStream out = Channels.newOutputStream(channel);
            InputStream in = Channels.newInputStream(channel);
            out.write(Frames.encodeAll(List.of(
                    Request.newBuilder()
                            .setInit(InitRequest.newBuilder().setTaskID("soak").setNodeID("insider2"))
                            .build(),
                    Frames.request(Point.newBuilder().setName("m").build()))));
            while (true) {
                Response response = Response.parseDelimitedFrom(in);
                if (response == null) {
                    throw new IOException("soakInsider: no answer");
                }
                if (response.hasPoint()) {
                    channel.shutdownOutput();
                    while (in.read() >= 0) {
                        // The output is read to its end, so that the connection is closed when the descriptors are
                        // counted.
                    }
                    return response.getPoint().getFieldsIntMap();
                }
            }
        }
    }

    /**
     * The resources of which the server uses considerably more than before the load, as text; empty if there are none.
     */
    List<String> beyond(ServerResources before) {
        List<String> more = new ArrayList<>();
        compare(more, "heap bytes", heapBytes, (long) (HEAP_FACTOR * before.heapBytes) + HEAP_SLACK_BYTES);
        compare(more, "buffer bytes", bufferBytes, before.bufferBytes + BUFFER_SLACK_BYTES);
        compare(more, "direct bytes", directBytes, 2 * before.directBytes + DIRECT_SLACK_BYTES);
        compare(more, "threads", threads, before.threads + THREADS_SLACK);
        compare(more, "workers", workers, WORKERS_SLACK);
        compare(more, "descriptors", descriptors, before.descriptors + DESCRIPTORS_SLACK);
        compare(more, "temporary files", temporaryFiles, before.temporaryFiles);
        return more;
    }

    /** The growth between the second and the last quarter of the samples; empty if there are too few. */
    static List<String> trend(List<ServerResources> samples) {
        List<String> more = new ArrayList<>();
        if (samples.size() >= TREND_SAMPLES) {
            ServerResources early = median(samples.subList(samples.size() / 4, samples.size() / 2));
            ServerResources late = median(samples.subList(samples.size() - samples.size() / 4, samples.size()));
            compare(more, "heap bytes", late.heapBytes, grown(early.heapBytes, TREND_SLACK_BYTES));
            compare(more, "direct bytes", late.directBytes, grown(early.directBytes, TREND_SLACK_BYTES));
            compare(more, "threads", late.threads, grown(early.threads, TREND_SLACK));
            compare(more, "descriptors", late.descriptors, grown(early.descriptors, TREND_SLACK));
            compare(more, "temporary files", late.temporaryFiles, early.temporaryFiles);
        }
        return more;
    }

    private static ServerResources median(List<ServerResources> samples) {
        return new ServerResources(
                median(samples, ServerResources::heapBytes),
                median(samples, ServerResources::bufferBytes),
                median(samples, ServerResources::directBytes),
                median(samples, ServerResources::threads),
                median(samples, ServerResources::workers),
                median(samples, ServerResources::descriptors),
                median(samples, ServerResources::temporaryFiles),
                median(samples, ServerResources::residentBytes));
    }

    private static long median(List<ServerResources> samples, ToLongFunction<ServerResources> of) {
        long[] sorted = samples.stream().mapToLong(of).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static long grown(long early, long slack) {
        return (long) (TREND_FACTOR * early) + slack;
    }

    private static void compare(List<String> more, String what, long now, long limit) {
        if (now > limit) {
            more.add(what + ": " + now + " (expected: <= " + limit + ")");
        }
    }

    /**
     * Returns text such as {@code heap 21.3, buffers 0.0, direct 16.8, rss 150 MB; threads 12 + 3, descriptors 40,
     * files 1}.
     */
    String text() {
        return String.format(
                Locale.ROOT,
                "heap %.1f, buffers %.2f, direct %.1f, rss %.0f MB; threads %d + %d, fds %d, files %d",
                heapBytes / MEGA,
                bufferBytes / MEGA,
                directBytes / MEGA,
                residentBytes / MEGA,
                threads,
                workers,
                descriptors,
                temporaryFiles);
    }

    String json() {
        return "{\"heap_bytes\":" + heapBytes + ",\"buffer_bytes\":" + bufferBytes + ",\"direct_bytes\":" + directBytes
                + ",\"threads\":"
                + threads + ",\"workers\":" + workers + ",\"descriptors\":" + descriptors + ",\"temporary_files\":"
                + temporaryFiles
                + ",\"resident_bytes\":" + residentBytes + "}";
    }
}
