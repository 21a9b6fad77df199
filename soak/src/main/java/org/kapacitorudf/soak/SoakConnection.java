package org.kapacitorudf.soak;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.client.FrameHeader;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.KeepaliveRequest;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.proto.SnapshotRequest;
import org.kapacitorudf.soak.Findings.Sort;

/**
 * A sequence of connections, like a task that is enabled repeatedly; the behaviour of each connection is random.
 *
 * <pre>
 * WAITING --connect--> STARTING --Init, Restore answered--> RUNNING --end of input sent--> ENDING
 *    ^                     |                                   |                              |
 *    +---------------------+------------ killed, ended --------+------------------------------+
 * </pre>
 *
 * <p>Threading: used only on the thread of the {@link SoakRun}.
 *
 * <p>Errors: incorrect behaviour of the server is a finding.
 */
final class SoakConnection {
    static final int CHUNK_POINTS = PointTemplate.POINTS;

    private static final int POINT = 0x8A;
    private static final int BEGIN = 0x82;
    private static final int END = 0x92;
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(90);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** The possible limits of points in flight; one of the entries means no limit. */
    private static final long[] WINDOWS = {
        16, 256, 256, 512, 512, 512, 1_024, 1_024, 1_024, 1_024, 1_024, Long.MAX_VALUE
    };

    private static final byte[] NOTHING = {};

    /** The phase of a connection. */
    private enum Phase {
        WAITING,
        STARTING,
        RUNNING,
        ENDING,
        FINISHED
    }

    /** How a connection ends. */
    private enum Death {
        /** Everything is sent, then the input ends. */
        CLEAN,
        /** The input ends inside a message. */
        INSIDE_A_MESSAGE,
        /** The connection is closed after any byte, with data in flight. */
        KILLED,
        /** A point on which the function fails is sent, followed by more points. */
        FAILURE
    }

    private final SoakRun run;
    private final FunctionKind kind;
    private final int number;
    private final Random random;
    private final ExpectedOutput expected;
    private final PointTemplate template;

    private Phase phase = Phase.WAITING;
    private SoakServer server;
    private @Nullable SocketChannel channel; // null while there is no connection
    private @Nullable SelectionKey key;
    private final FrameHeader header = new FrameHeader();
    private byte[] rest = NOTHING;
    private ByteBuffer unsent = ByteBuffer.wrap(NOTHING);

    private int life;
    private Death death = Death.CLEAN;
    private long sent;
    private long skipped;
    private long lifeEnd;
    private long window;
    private boolean initAnswered;
    private boolean errorSeen;
    private boolean mayFail;

    private final ArrayDeque<long[]> keepalives = new ArrayDeque<>();
    private long nextKeepaliveNanos;
    private long nextSnapshotNanos;
    private long nextPauseNanos;
    private long pausedUntilNanos;
    private boolean paused;
    private long pauseEndedNanos;
    private long wakeNanos;
    private long lastReadNanos;
    private long bornNanos;

    SoakConnection(SoakRun run, int number, FunctionKind kind, long seed, PointTemplate template) {
        this.run = run;
        this.number = number;
        this.kind = kind;
        this.template = template;
        random = new Random(seed * 1_000_003 + number);
        expected = new ExpectedOutput(kind, kind.function() + " " + number, template, run.findings());
        server = run.server();
        wakeNanos = System.nanoTime();
    }

    long checked() {
        return expected.checked();
    }

    boolean isOpen() {
        return channel != null;
    }

    boolean isOn(SoakServer other) {
        return channel != null && server == other;
    }

    /** Continues the sequence, after all connections have finished. */
    void goOn() {
        phase = Phase.WAITING;
    }

    boolean isFinished() {
        return phase == Phase.FINISHED;
    }

    // ---- timed events

    /** Performs the actions that are due at the given time. */
    void tick(long now) {
        switch (phase) {
            case WAITING -> {
                if (now >= wakeNanos && run.isFinishing()) {
                    phase = Phase.FINISHED;
                } else if (now >= wakeNanos) {
                    connect(now);
                }
            }
            case STARTING, RUNNING, ENDING -> tickWhileOpen(now);
            case FINISHED -> {}
        }
    }

    private void tickWhileOpen(long now) {
        if (paused && (now >= pausedUntilNanos || run.isFinishing())) {
            paused = false;
            pauseEndedNanos = now;
            lastReadNanos = now;
            interest();
        } else if (!paused && phase == Phase.RUNNING && now >= nextPauseNanos) {
            paused = true;
            pausedUntilNanos = now + TimeUnit.MILLISECONDS.toNanos(20 + random.nextInt(2_000));
            nextPauseNanos = pausedUntilNanos + pauseSpacing();
            run.tally().pauses++;
            interest();
        }
        if (phase == Phase.RUNNING && (run.isFinishing() || server.isLeaving())) {
            lifeEnd = sent;
            death = Death.CLEAN;
        }
        long[] asked = keepalives.peek();
        if (asked != null
                && !paused
                && asked[1] > pauseEndedNanos
                && now - asked[1] > run.plan().keepaliveLimit()) {
            keepalives.poll();
            run.findings()
                    .add(
                            Sort.KEEPALIVE,
                            who() + ": no answer for " + TimeUnit.NANOSECONDS.toMillis(now - asked[1]) + " ms");
        }
        if (!paused && isOwed() && now - lastReadNanos > STALL_NANOS) {
            run.findings().add(Sort.STALLED, who() + ": nothing came for 90 s; " + state());
            close(now);
            return;
        }
        write(now);
    }

    private boolean isOwed() {
        return phase != Phase.RUNNING || expected.next() < sent;
    }

    private String state() {
        return phase + ", sent up to " + sent + ", came back up to " + expected.next() + ", death " + death
                + ", keepalives open " + keepalives.size();
    }

    private long pauseSpacing() {
        return TimeUnit.MILLISECONDS.toNanos(1_000 + random.nextInt(60_000));
    }

    private SocketChannel channel() {
        return Objects.requireNonNull(channel);
    }

    private void connect(long now) {
        server = run.server();
        if (!server.isListening()) {
            wakeNanos = now + RETRY_NANOS;
            return;
        }
        try {
            SocketChannel opened = SocketChannel.open(UnixDomainSocketAddress.of(server.socket(kind.function())));
            channel = opened;
            opened.configureBlocking(false);
            key = opened.register(run.selector(), SelectionKey.OP_READ, this);
        } catch (IOException e) {
            channel = null;
            if (server.isRunning()) {
                run.findings().add(Sort.SERVER, who() + ": cannot connect: " + e);
            }
            wakeNanos = now + RETRY_NANOS;
            return;
        }
        beginLife(now);
    }

    private void beginLife(long now) {
        life++;
        bornNanos = now;
        run.tally().lives++;
        phase = Phase.STARTING;
        rest = NOTHING;
        keepalives.clear();
        paused = false;
        initAnswered = false;
        errorSeen = false;
        lastReadNanos = now;
        pauseEndedNanos = now;
        nextKeepaliveNanos = now + (long) (random.nextDouble() * run.plan().keepaliveEvery());
        nextSnapshotNanos = now + snapshotSpacing();
        nextPauseNanos = now + pauseSpacing();
        window = WINDOWS[random.nextInt(WINDOWS.length)];
        long length = (long) Math.exp(Math.log(run.plan().shortLife())
                + random.nextDouble()
                        * Math.log((double) run.plan().longLife() / run.plan().shortLife()));
        lifeEnd = sent + length;
        int lot = random.nextInt(100);
        death = lot < 60 ? Death.CLEAN : lot < 75 ? Death.INSIDE_A_MESSAGE : Death.KILLED;
        if (kind == FunctionKind.FAIL && lot < 60) {
            death = Death.FAILURE;
        }
        mayFail = kind.survivesFailures();

        Request.Builder first = Request.newBuilder();
        if (random.nextInt(4) == 0) {
            enqueue(first.setInfo(InfoRequest.getDefaultInstance()).build());
        }
        enqueue(Request.newBuilder()
                .setInit(InitRequest.newBuilder()
                        .setTaskID("soak" + number % SoakRun.TASKS)
                        .setNodeID(kind.function() + "2"))
                .build());
        boolean restoring = kind.isCounting() && expected.saved().isPresent() && random.nextInt(5) > 0;
        expected.begin(sent, restoring ? expected.saved().orElseThrow().totals() : GroupTotals.none());
        if (restoring) {
            run.tally().restores++;
            enqueue(Request.newBuilder()
                    .setRestore(RestoreRequest.newBuilder()
                            .setSnapshot(ByteString.copyFrom(
                                    expected.saved().orElseThrow().bytes())))
                    .build());
        } else {
            initAnswered = true;
        }
        write(now);
        if (channel != null && death == Death.KILLED && random.nextInt(10) == 0) {
            run.tally().kills++;
            close(now);
        }
    }

    private long snapshotSpacing() {
        return (long) ((0.2 + random.nextDouble()) * run.plan().snapshotEvery());
    }

    /** Called when the process of a server is being killed: data in flight is lost, which is not a finding. */
    void serverKilled(SoakServer killed, long now) {
        if (channel != null && server == killed) {
            readAll(now);
            if (channel != null) {
                close(now);
            }
        }
    }

    // ---- output

    private void enqueue(Request request) {
        byte[] frame = Frames.encode(request);
        ByteBuffer all = ByteBuffer.allocate(unsent.remaining() + frame.length);
        unsent = all.put(unsent).put(frame).flip();
    }

    /** Writes until the system accepts no more, or until it is the turn of another connection. */
    void write(long now) {
        if (channel == null) {
            return;
        }
        try {
            int turns = 2;
            while (flushed()) {
                if (phase != Phase.RUNNING || turns-- == 0 || !next(now)) {
                    break;
                }
            }
            interest();
        } catch (IOException e) {
            broken(e, now);
        }
    }

    private boolean flushed() throws IOException {
        if (unsent.hasRemaining()) {
            channel().write(unsent);
        }
        return !unsent.hasRemaining();
    }

    private void interest() {
        if (key != null && key.isValid()) {
            boolean more = unsent.hasRemaining() || (phase == Phase.RUNNING && mayWriteMore());
            key.interestOps((paused ? 0 : SelectionKey.OP_READ) | (more ? SelectionKey.OP_WRITE : 0));
        }
    }

    private boolean mayWriteMore() {
        return sent >= lifeEnd || sent - expected.next() < window;
    }

    /** Creates the next message to write; returns false if there is none. */
    private boolean next(long now) throws IOException {
        if (now >= nextKeepaliveNanos) {
            long time = run.wallNanos(now);
            unsent = ByteBuffer.wrap(Frames.encode(Request.newBuilder()
                    .setKeepalive(KeepaliveRequest.newBuilder().setTime(time))
                    .build()));
            keepalives.add(new long[] {time, now});
            nextKeepaliveNanos = now + run.plan().keepaliveEvery();
            return true;
        }
        if (sent >= lifeEnd) {
            // Before a failure, waits for a requested snapshot: after the failure, the request would be answered with
            // an earlier snapshot.
            if (death != Death.FAILURE || !expected.isSnapshotOpen()) {
                die(now);
            }
            return false;
        }
        if (kind.isCounting() && now >= nextSnapshotNanos && !expected.isSnapshotOpen()) {
            unsent = ByteBuffer.wrap(Frames.encode(Request.newBuilder()
                    .setSnapshot(SnapshotRequest.getDefaultInstance())
                    .build()));
            expected.snapshotAt(sent);
            run.tally().snapshots++;
            nextSnapshotNanos = now + snapshotSpacing();
            return true;
        }
        if (mayFail && !expected.isSnapshotOpen() && random.nextInt(200) == 0) {
            fail();
            return true;
        }
        if (sent - expected.next() >= window) {
            return false;
        }
        if (kind.isBatches()) {
            batch();
        } else {
            chunk();
        }
        return true;
    }

    private void fail() {
        unsent = ByteBuffer.wrap(PointTemplate.failing(sent));
        expected.failsAt(sent);
        sent++;
        run.tally().failures++;
    }

    private void chunk() {
        long most = Math.min(lifeEnd - sent, Math.min(CHUNK_POINTS, window));
        int count = (int) Math.min(most, PointTemplate.run(sent));
        unsent = points(sent, count);
        sent += count;
    }

    private ByteBuffer points(long first, int count) {
        byte[] scratch = run.scratch();
        int length = template.write(first, count, scratch, 0);
        // Most of it is written immediately; the rest is copied, because the array is shared.
        ByteBuffer bytes = ByteBuffer.wrap(scratch, 0, length);
        try {
            channel().write(bytes);
        } catch (IOException e) {
            // The next write fails, too, and that failure is handled.
            bytes.position(0);
        }
        return bytes.hasRemaining()
                ? ByteBuffer.wrap(Arrays.copyOfRange(scratch, bytes.position(), length))
                : ByteBuffer.wrap(NOTHING);
    }

    private void batch() {
        int count = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(CHUNK_POINTS);
        count = Math.min(count, PointTemplate.run(sent));
        ExpectedOutput.Sent batch = batchOf(count);
        byte[] begin = Frames.encode(Frames.request(batch.begin()));
        byte[] end = Frames.encode(Frames.request(batch.end()));
        int points = template.length(sent, count);
        byte[] all = Arrays.copyOf(begin, begin.length + points + end.length);
        template.write(sent, count, all, begin.length);
        System.arraycopy(end, 0, all, begin.length + points, end.length);
        unsent = ByteBuffer.wrap(all);
        expected.sent(batch);
        sent += count;
        run.tally().batches++;
    }

    private ExpectedOutput.Sent batchOf(int count) {
        String group = PointTemplate.group(sent);
        BeginBatch begin = BeginBatch.newBuilder()
                .setName("m")
                .setGroup("g=" + group)
                .putTags("g", group)
                .setSize(count)
                .build();
        EndBatch end = EndBatch.newBuilder()
                .setName("m")
                .setGroup("g=" + group)
                .putTags("g", group)
                .setTmax(1_700_000_000_000_000_000L + sent)
                .build();
        return new ExpectedOutput.Sent(begin, end, sent);
    }

    // ---- end

    private void die(long now) throws IOException {
        switch (death) {
            case CLEAN -> endInput();
            case INSIDE_A_MESSAGE -> {
                writePart();
                run.tally().halfMessages++;
                endInput();
            }
            case KILLED -> {
                writePart();
                run.tally().kills++;
                close(now);
            }
            case FAILURE -> {
                byte[] failing = PointTemplate.failing(sent);
                int behind = Math.min(random.nextInt(CHUNK_POINTS), PointTemplate.run(sent + 1));
                byte[] all = Arrays.copyOf(failing, failing.length + template.length(sent + 1, behind));
                template.write(sent + 1, behind, all, failing.length);
                unsent = ByteBuffer.wrap(all);
                expected.failsAt(sent);
                sent += 1 + behind;
                run.tally().unhandled += behind;
                run.tally().failures++;
                phase = Phase.ENDING;
                channel().write(unsent);
            }
        }
    }

    private void endInput() throws IOException {
        phase = Phase.ENDING;
        channel().shutdownOutput();
    }

    /**
     * Writes an incomplete part of the next points. It is a part of a single point if the input is to end inside a
     * message. The numbers of these points are not used again.
     */
    private void writePart() throws IOException {
        int count = Math.min(1 + random.nextInt(CHUNK_POINTS), PointTemplate.run(sent));
        if (death == Death.INSIDE_A_MESSAGE) {
            count = 1;
        }
        byte[] part = new byte[template.length(sent, count)];
        template.write(sent, count, part, 0);
        channel().write(ByteBuffer.wrap(part, 0, 1 + random.nextInt(part.length - 1)));
        run.tally().cutOff += count;
        skipped += count;
    }

    private void broken(IOException e, long now) {
        if (server.isRunning() && !errorSeen) {
            run.findings().add(Sort.ENDED, who() + ": " + e + "; " + state());
        }
        readAll(now);
        if (channel != null) {
            close(now);
        }
    }

    private void readAll(long now) {
        paused = false;
        long before;
        do {
            before = lastReadNanos;
            read(now + 1);
            now++;
        } while (channel != null && lastReadNanos != before);
    }

    /** Closes a connection that has ended; the next one starts soon. */
    private void close(long now) {
        try {
            channel().close();
        } catch (IOException e) {
            // It is closed nevertheless.
        }
        channel = null;
        key = null;
        unsent = ByteBuffer.wrap(NOTHING);
        sent += skipped;
        skipped = 0;
        phase = Phase.WAITING;
        wakeNanos = now + TimeUnit.MILLISECONDS.toNanos(random.nextInt(100));
    }

    // ---- input

    /** Reads once. */
    void read(long now) {
        if (channel == null) {
            return;
        }
        byte[] buffer = run.buffer();
        System.arraycopy(rest, 0, buffer, 0, rest.length);
        int count;
        try {
            count = channel().read(ByteBuffer.wrap(buffer, rest.length, buffer.length - rest.length));
        } catch (IOException e) {
            if (server.isRunning() && !errorSeen) {
                run.findings().add(Sort.ENDED, who() + ": " + e + "; " + state());
            }
            close(now);
            return;
        }
        if (count < 0) {
            outputEnded(now);
            return;
        }
        if (count > 0) {
            lastReadNanos = now;
            int limit = rest.length + count;
            int done = frames(buffer, limit, now);
            if (channel != null) {
                rest = done == limit ? NOTHING : Arrays.copyOfRange(buffer, done, limit);
            }
        }
    }

    private int frames(byte[] buffer, int limit, long now) {
        int from = 0;
        try {
            while (header.read(buffer, from, limit)) {
                if (header.length() < 0 || header.length() > buffer.length / 2) {
                    throw new IOException("a frame of " + Long.toUnsignedString(header.length()) + " bytes");
                }
                int body = from + header.size();
                int length = (int) header.length();
                if (length > limit - body) {
                    break;
                }
                frame(buffer, from, body, body + length, now);
                if (channel == null) {
                    return limit;
                }
                from = body + length;
            }
        } catch (IOException e) {
            run.findings().add(Sort.ALTERED, who() + ": " + e.getMessage());
            close(now);
            return limit;
        }
        return from;
    }

    private void frame(byte[] buffer, int from, int body, int to, long now) {
        if (body < to && (buffer[body] & 0xFF) == POINT) {
            expected.point(buffer, from, to);
            return;
        }
        Response response;
        try {
            response = Response.parser().parseFrom(buffer, body, to - body);
        } catch (IOException e) {
            run.findings().add(Sort.ALTERED, who() + ": " + e);
            return;
        }
        switch (response.getMessageCase()) {
            case BEGIN -> expected.begin(response.getBegin());
            case END -> expected.end(response.getEnd());
            case KEEPALIVE -> keepalive(response.getKeepalive().getTime(), now);
            case SNAPSHOT -> {
                // A server that stops responds with the previous snapshot.
                if (server.isRunning()) {
                    expected.snapshot(response.getSnapshot().getSnapshot().toByteArray());
                }
            }
            case INFO -> {}
            case INIT ->
                started(response.getInit().getSuccess(), response.getInit().getError(), now);
            case RESTORE ->
                started(
                        response.getRestore().getSuccess(),
                        response.getRestore().getError(),
                        now);
            case ERROR -> failed(response.getError().getError());
            default -> run.findings().add(Sort.ENDED, who() + ": an invalid answer: " + response);
        }
    }

    private void started(boolean success, String error, long now) {
        if (!success && !server.isRunning()) {
            // The connection is ending.
            errorSeen = true;
        } else if (!success) {
            run.findings().add(Sort.STATE, who() + ": not started: " + error);
        } else if (!initAnswered) {
            initAnswered = true;
        } else {
            run.tally().starts.add(now - bornNanos);
            phase = Phase.RUNNING;
            interest();
        }
    }

    private void keepalive(long time, long now) {
        long[] asked = keepalives.peek();
        if (asked == null || asked[0] != time) {
            run.tally().unasked++;
            return;
        }
        keepalives.poll();
        if (asked[1] > pauseEndedNanos) {
            run.tally().keepalives.add(now - asked[1]);
            if (now - asked[1] > run.plan().keepaliveLimit()) {
                run.findings()
                        .add(
                                Sort.KEEPALIVE,
                                who() + ": answered after " + TimeUnit.NANOSECONDS.toMillis(now - asked[1]) + " ms");
            }
        }
    }

    private void failed(String error) {
        errorSeen = true;
        if (death == Death.FAILURE && phase == Phase.ENDING) {
            try {
                channel().shutdownOutput();
            } catch (IOException e) {
                // The end of the connection follows nevertheless.
            }
        } else {
            run.findings().add(Sort.ENDED, who() + ": " + error + "; " + state());
        }
    }

    private void outputEnded(long now) {
        if (rest.length > 0 && !server.isKilled()) {
            run.findings().add(Sort.ENDED, who() + ": the output ended inside a message; " + state());
        }
        if (!server.isRunning()) {
            run.tally().endedByServer++;
        } else if (phase == Phase.ENDING) {
            if (death == Death.FAILURE && !errorSeen) {
                run.findings().add(Sort.ENDED, who() + ": no error arrived; " + state());
            }
            expected.ended(sent);
            if (death != Death.FAILURE) {
                requireAllAnswered();
                run.tally().cleanEnds++;
            }
        } else {
            run.findings().add(Sort.ENDED, who() + ": the output ended; " + state());
        }
        close(now);
    }

    private void requireAllAnswered() {
        if (expected.isSnapshotOpen()) {
            run.findings().add(Sort.ENDED, who() + ": a request for a snapshot had no answer at the end; " + state());
        }
        if (!keepalives.isEmpty()) {
            run.findings()
                    .add(Sort.KEEPALIVE, who() + ": " + keepalives.size() + " had no answer at the end; " + state());
        }
    }

    private String who() {
        return kind.function() + " " + number + ", life " + life;
    }
}
