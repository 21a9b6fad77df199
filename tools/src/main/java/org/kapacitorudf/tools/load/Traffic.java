package org.kapacitorudf.tools.load;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;

/**
 * Requests that are encoded once and sent repeatedly: stream points or batches.
 *
 * <p>The points are typical of a monitored host: four tags, three doubles, an int and a string; 233 to 250 bytes with
 * the length. Within a batch, a point has no name, database, policy or dimensions, as in Kapacitor.
 *
 * <pre>
 *   points     | point | point | point |  ...
 *   batches    | begin | point | point | end | begin | ...
 *              ^                             ^                 sending may stop here
 * </pre>
 *
 * <p>Threading: immutable; each sender has its own view of the bytes.
 */
public final class Traffic {
    static final int MAX_GROUPS = 100_000;
    static final int MAX_BATCH_POINTS = 100_000;

    private static final int POINTS = 4_000;
    private static final int MIN_BATCHES = 4;
    private static final long FIRST_TIME_NANOS = 1_700_000_000_000_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long SEED = 3;
    private static final String[] REGIONS = {"eu-central-1", "eu-north-1", "us-east-1"};

    private final ByteBuffer bytes;
    private final int[] pieceEnds;
    private final int[] frameEnds;
    private final int[] stops;
    private final boolean isBatches;
    private final int pointsPerStop;
    private final int pointsBytes;

    private Traffic(Recorder recorder, boolean isBatches, int pointsPerStop) {
        byte[] all = recorder.out.toByteArray();
        bytes = ByteBuffer.allocateDirect(all.length).put(all).flip();
        pieceEnds = recorder.pieceEnds.build().toArray();
        frameEnds = IntStream.range(0, pieceEnds.length / 2)
                .map(frame -> pieceEnds[2 * frame + 1])
                .toArray();
        stops = recorder.stops.build().toArray();
        this.isBatches = isBatches;
        this.pointsPerStop = pointsPerStop;
        pointsBytes = recorder.pointsBytes;
    }

    /** Stream points, alternating between groups. */
    public static Traffic points(int groups) {
        Recorder recorder = new Recorder();
        int rounds = (POINTS + groups - 1) / groups;
        for (int i = 0; i < rounds * groups; i++) {
            recorder.addPoint(point(i, i % groups)
                    .setName("cpu")
                    .setDatabase("telegraf")
                    .setRetentionPolicy("autogen")
                    .addDimensions("host")
                    .build());
            recorder.stop();
        }
        return new Traffic(recorder, false, 1);
    }

    /** Batches of this many points, alternating between groups. */
    public static Traffic batches(int points, int groups) {
        Recorder recorder = new Recorder();
        int batches = Math.max(MIN_BATCHES, POINTS / points);
        for (int batch = 0; batch < batches; batch++) {
            int group = batch % groups;
            String host = host(group);
            recorder.add(Frames.request(BeginBatch.newBuilder()
                    .setName("cpu")
                    .setGroup("host=" + host)
                    .putTags("host", host)
                    .setSize(points)
                    .build()));
            for (int i = 0; i < points; i++) {
                recorder.addPoint(point(i, group).build());
            }
            recorder.add(Frames.request(EndBatch.newBuilder()
                    .setName("cpu")
                    .setGroup("host=" + host)
                    .putTags("host", host)
                    .setTmax(FIRST_TIME_NANOS + points * SECOND_NANOS)
                    .build()));
            recorder.stop();
        }
        return new Traffic(recorder, true, points);
    }

    private static Point.Builder point(int number, int group) {
        Random random = new Random(SEED + number);
        double user = percent(random);
        double system = percent(random);
        return Point.newBuilder()
                .setTime(FIRST_TIME_NANOS + number * SECOND_NANOS)
                .setGroup("host=" + host(group))
                .putTags("host", host(group))
                .putTags("region", REGIONS[group % REGIONS.length])
                .putTags("rack", "r" + group % 40)
                .putTags("cpu", "cpu-total")
                .putFieldsDouble("usage_user", user)
                .putFieldsDouble("usage_system", system)
                .putFieldsDouble("usage_idle", 100 - user - system)
                .putFieldsInt("processes", 100 + random.nextInt(900))
                .putFieldsString("state", random.nextBoolean() ? "busy" : "idle");
    }

    private static String host(int group) {
        return "server" + String.valueOf(10_000 + group).substring(1);
    }

    private static double percent(Random random) {
        return random.nextInt(5_000) / 100.0;
    }

    /** A copy of all the bytes. */
    public byte[] frames() {
        byte[] frames = new byte[length()];
        view().get(frames);
        return frames;
    }

    /** A view of all bytes with its own position and limit. */
    ByteBuffer view() {
        return bytes.duplicate();
    }

    int length() {
        return bytes.limit();
    }

    /** The mean size of the points. */
    int pointBytes() {
        return pointsBytes / (stops.length * pointsPerStop);
    }

    /** Whether a message ends here. */
    boolean isFrameEnd(int position) {
        return position == 0 || Arrays.binarySearch(frameEnds, position) >= 0;
    }

    /** The end of the message that contains this byte. */
    int frameEndAfter(int position) {
        return firstAfter(frameEnds, position);
    }

    /**
     * The offset at which write {@code number} ends, given that each length and each body is written separately, as in
     * Kapacitor. Writes are numbered from 0.
     */
    int pieceEnd(int number) {
        return pieceEnds[number];
    }

    /** Whether sending may stop here: between points, or between batches. */
    boolean isStop(int position) {
        return position == 0 || Arrays.binarySearch(stops, position) >= 0;
    }

    int stopAfter(int position) {
        return firstAfter(stops, position);
    }

    /** The number of points before a stop. */
    int pointsUpTo(int stop) {
        return pointsPerStop * stopsUpTo(stop);
    }

    /** The number of batches before a stop. */
    int batchesUpTo(int stop) {
        return isBatches ? stopsUpTo(stop) : 0;
    }

    private int stopsUpTo(int stop) {
        return stop == 0 ? 0 : Arrays.binarySearch(stops, stop) + 1;
    }

    /** The number of points in all the bytes. */
    public int points() {
        return pointsUpTo(length());
    }

    /** The number of batches in all the bytes. */
    int batches() {
        return batchesUpTo(length());
    }

    private static int firstAfter(int[] ends, int position) {
        int found = Arrays.binarySearch(ends, position);
        return ends[found >= 0 ? found + 1 : -found - 1];
    }

    private static final class Recorder {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final IntStream.Builder pieceEnds = IntStream.builder();
        private final IntStream.Builder stops = IntStream.builder();
        private int pointsBytes;

        void addPoint(Point point) {
            int before = out.size();
            add(Frames.request(point));
            pointsBytes += out.size() - before;
        }

        void add(Request request) {
            byte[] body = request.toByteArray();
            out.writeBytes(Frames.header(body.length));
            pieceEnds.add(out.size());
            out.writeBytes(body);
            pieceEnds.add(out.size());
        }

        void stop() {
            stops.add(out.size());
        }
    }
}
