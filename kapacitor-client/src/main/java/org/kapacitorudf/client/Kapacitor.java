package org.kapacitorudf.client;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.proto.RestoreResponse;
import org.kapacitorudf.proto.SnapshotRequest;

/**
 * A stand-in for Kapacitor: each instance is one session with a function, over a Unix socket or a child process.
 *
 * <pre>{@code
 * try (Kapacitor kapacitor = Kapacitor.builder().timeout(Duration.ofSeconds(1)).connect(socket)) {
 *     kapacitor.init("task", "mirror2");
 *     kapacitor.send(Points.of("cpu,host=a value=1 0").groupBy("host"));
 *     kapacitor.awaitReceived(1);
 *     kapacitor.closeInput();
 *     kapacitor.awaitEnd();
 *     assertThat(kapacitor.problems()).isEmpty();
 * }
 * }</pre>
 *
 * <p>It behaves like Kapacitor 1.8.3, including its weaknesses. The length and the body of a request are separate
 * writes. One thread writes requests and data, and blocks while the agent does not read. A keepalive is sent twice per
 * timeout, and the session is aborted if no response has been read for a whole timeout. If reading or writing still
 * hangs two timeouts later, the socket is closed or the child is killed. Where kapacitord would panic, the session
 * drops its streams, and {@link #death()} returns the reason. Where the task would end, {@link #taskError()} returns
 * the error. Responses that Kapacitor accepts but misinterprets are in {@link #warnings()}. A failed Init or Restore is
 * only a task error: Kapacitor keeps such a connection or child, and continues to send keepalives to it.
 *
 * <p>It reads and writes on two threads of its own. A method that sends a request returns when the answer has arrived.
 * A method that sends data returns when all of the data is written.
 *
 * <p>Threading: safe for use by any thread. The data of one call is not mixed with data of another call. As in
 * Kapacitor, requests and keepalives may be sent in between, but a request never overtakes data that the same thread
 * has sent before it.
 *
 * <p>Errors: {@link StandInException} if the agent does not respond within the {@linkplain Builder#deadline deadline},
 * or can no longer respond.
 */
public final class Kapacitor implements AutoCloseable {
    /** What the reading thread does after an abort. Kapacitor may do either. */
    public enum AfterAbort {
        /** Stops reading, so that further output of the agent fills the pipe. */
        STOP_READING,
        /** Reads to the end, and discards the data. */
        READ_ON
    }

    /**
     * A keepalive response.
     *
     * @param timeNanos the time from the keepalive request
     * @param at when the response was read, relative to the start of the session
     */
    public record KeepaliveSeen(long timeNanos, Duration at) {}

    /**
     * How a session ended.
     *
     * @param exitStatus the exit status of the child; empty for a socket
     */
    public record End(OptionalInt exitStatus) {}

    enum Keeping {
        RESPONSES,
        NOTHING,
        NOTHING_DECODED
    }

    private static final Set<MessageCase> DATA = EnumSet.of(MessageCase.BEGIN, MessageCase.POINT, MessageCase.END);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
    private static final int STDERR_LINES_IN_FAILURE = 5;

    private static final ScheduledExecutorService TIMER = timer();

    private final Duration timeout;
    private final boolean keepsAlive;
    private final Duration deadline;
    private final @Nullable Process process;
    private final Transport transport;
    private final ConversationState state;
    private final RequestWriter writer;
    private final Thread readingThread;
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock sendingTurn = new ReentrantLock(true);
    private volatile @Nullable ScheduledFuture<?> keepaliveTick;

    private Kapacitor(Builder settings, Transport transport, @Nullable Process process) {
        timeout = settings.timeout;
        keepsAlive = settings.keepalives;
        deadline = settings.deadline;
        this.transport = transport;
        this.process = process;
        state = new ConversationState(settings.keeping == Keeping.RESPONSES, process != null);
        writer = new RequestWriter(transport, settings.framing.get(), this);
        String name = process == null ? "socket" : "pid " + process.pid();
        thread(writer, "kapacitor-writer " + name);
        readingThread = thread(new ResponseReader(transport, this, state, settings), "kapacitor-reader " + name);
        if (process != null) {
            thread(() -> scanStderr(process.getErrorStream()), "kapacitor-stderr " + name);
        }
    }

    /** Creates a builder: {@code Kapacitor.builder()...connect(socket)} or {@code ...spawn(command)}. */
    public static Builder builder() {
        return new Builder();
    }

    // Requests

    /** Sends Info. Kapacitor does so at startup, in a separate session. */
    public InfoResponse info() {
        return ask(
                        Request.newBuilder()
                                .setInfo(InfoRequest.getDefaultInstance())
                                .build(),
                        MessageCase.INFO)
                .getInfo();
    }

    /** Sends Init, and returns the answer. If Init has failed, this also sets the task's error. */
    public InitResponse init(String taskId, String nodeId, Option... options) {
        InitRequest.Builder init =
                InitRequest.newBuilder().setTaskID(taskId).setNodeID(nodeId).addAllOptions(List.of(options));
        InitResponse answer = ask(Request.newBuilder().setInit(init).build(), MessageCase.INIT)
                .getInit();
        if (!answer.getSuccess()) {
            state.taskError("failed to initialize processes " + answer.getError());
        }
        return answer;
    }

    /** Sends Restore, and returns the answer. If Restore has failed, this also sets the task's error. */
    public RestoreResponse restore(ByteString snapshot) {
        RestoreRequest.Builder restore = RestoreRequest.newBuilder().setSnapshot(snapshot);
        RestoreResponse answer = ask(Request.newBuilder().setRestore(restore).build(), MessageCase.RESTORE)
                .getRestore();
        if (!answer.getSuccess()) {
            state.taskError("error restoring snapshot: " + answer.getError());
        }
        return answer;
    }

    /** Like {@link #restore(ByteString)}. */
    public RestoreResponse restore(byte[] snapshot) {
        return restore(ByteString.copyFrom(snapshot));
    }

    /** Requests a snapshot. May be called while another thread is sending. */
    public ByteString snapshot() {
        return ask(
                        Request.newBuilder()
                                .setSnapshot(SnapshotRequest.getDefaultInstance())
                                .build(),
                        MessageCase.SNAPSHOT)
                .getSnapshot()
                .getSnapshot();
    }

    // Data

    /** Sends points. */
    public void send(Point... points) {
        send(Arrays.asList(points));
    }

    /**
     * Sends points. Each point is sent before the iterator is asked for the next one, so the points need not all be in
     * memory.
     */
    public void send(Iterable<Point> points) {
        sendRequests(() -> StreamSupport.stream(points.spliterator(), false)
                .map(Frames::request)
                .iterator());
    }

    /** Sends batches. */
    public void sendBatch(PointBatch... batches) {
        sendBatches(Arrays.asList(batches));
    }

    /** Sends batches. Each batch is sent before the iterator is asked for the next one. */
    public void sendBatches(Iterable<PointBatch> batches) {
        sendRequests(() -> StreamSupport.stream(batches.spliterator(), false)
                .flatMap(batch -> batch.requests().stream())
                .iterator());
    }

    /** Begins a batch. No other thread should send data before {@link #end} has been called. */
    public void begin(BeginBatch begin) {
        sendRequests(List.of(Frames.request(begin)));
    }

    /** Sends one point, of the stream or of the current batch. */
    public void point(Point point) {
        sendRequests(List.of(Frames.request(point)));
    }

    /** Ends a batch. */
    public void end(EndBatch end) {
        sendRequests(List.of(Frames.request(end)));
    }

    /**
     * Sends requests as if they were data, without waiting for answers. Each answer to such a request is reported as an
     * unrequested answer in {@link #warnings}.
     */
    public void sendRequests(Iterable<Request> requests) {
        inTurn(() -> writer.deliver(requests.iterator(), deadline));
    }

    /**
     * Sends bytes unchanged and unchecked, with one write per array and nothing in between. This can be used to send
     * damaged or incomplete frames. It is also the fastest way to generate load, with thousands of frames in one array.
     * If keepalives are enabled, a keepalive may follow the last array, which should therefore end with a complete
     * frame.
     */
    public void sendRaw(byte[]... pieces) {
        sendRaw(Arrays.asList(pieces));
    }

    /** Like {@link #sendRaw(byte[]...)}. */
    public void sendRaw(Iterable<byte[]> pieces) {
        inTurn(() -> writer.deliverRaw(pieces.iterator(), deadline));
    }

    // Responses

    /** All responses, in order. */
    public List<Response> responses() {
        return state.responses(response -> true);
    }

    /** All BeginBatch, Point and EndBatch messages, in order. */
    public List<Response> received() {
        return state.responses(response -> DATA.contains(response.getMessageCase()));
    }

    /** The points outside batches. */
    public List<Point> points() {
        List<Point> points = new ArrayList<>();
        boolean inBatch = false;
        for (Response response : received()) {
            if (response.hasPoint() && !inBatch) {
                points.add(response.getPoint());
            }
            inBatch = response.hasBegin() || inBatch && !response.hasEnd();
        }
        return points;
    }

    /** The complete batches, as assembled by Kapacitor. */
    public List<PointBatch> batches() {
        List<PointBatch> batches = new ArrayList<>();
        BeginBatch begin = null;
        List<Point> points = new ArrayList<>();
        for (Response response : received()) {
            switch (response.getMessageCase()) {
                case BEGIN -> {
                    begin = response.getBegin();
                    points.clear();
                }
                case POINT -> points.add(response.getPoint());
                default -> {
                    if (begin != null) {
                        batches.add(new PointBatch(begin, points, response.getEnd()));
                    }
                    begin = null;
                }
            }
            if (begin == null) {
                points.clear();
            }
        }
        return batches;
    }

    /** The number of points, inside and outside batches. */
    public long receivedPoints() {
        return received(MessageCase.POINT);
    }

    /** The number of complete batches. */
    public long receivedBatches() {
        return received(MessageCase.END);
    }

    /** The number of responses of a kind. */
    public long received(MessageCase kind) {
        return state.received(kind);
    }

    /** The keepalive responses, including unrequested ones. */
    public List<KeepaliveSeen> keepalives() {
        return state.keepalives();
    }

    /**
     * The longest time without a response since the start of the session. If the output has ended, the time after its
     * end is not included.
     */
    public Duration largestGap() {
        return state.largestGap();
    }

    /** Waits until this many points have been received in total, inside and outside batches. */
    public void awaitReceived(long points) {
        awaitReceived(points, deadline);
    }

    /** Like {@link #awaitReceived(long)}, with this limit instead of the deadline. */
    public void awaitReceived(long points, Duration limit) {
        awaitResponses(MessageCase.POINT, points, limit);
    }

    /** Waits until this many complete batches have been received in total. */
    public void awaitBatches(long batches) {
        awaitResponses(MessageCase.END, batches, deadline);
    }

    /** Waits until this many responses of a kind have been received in total. */
    public void awaitResponses(MessageCase kind, long count, Duration limit) {
        refuseOnReadingThread();
        if (!state.awaitReceived(kind, count, limit)) {
            throw failure(kind + ": " + received(kind) + " (expected: " + count + " within " + limit + ")");
        }
    }

    // Simulates a Kapacitor whose downstream nodes have stalled

    /**
     * Stops reading before the next response. If keepalives are enabled, the session is aborted one timeout later, as
     * in Kapacitor.
     */
    public void pauseReading() {
        state.pauseReading(true, onReadingThread());
    }

    /** Resumes reading. */
    public void resumeReading() {
        state.pauseReading(false, onReadingThread());
    }

    // The end

    /**
     * Stops cleanly: waits until all requests have been answered and everything has been written, and then closes the
     * agent's input (half-closes the socket or closes the child's STDIN). Reading continues; keepalives stop.
     */
    public void closeInput() {
        refuseOnReadingThread();
        if (!state.become(ConversationState.Phase.STOPPING)) {
            throw failure("closing the input: it is closed already");
        }
        stopKeepalive();
        if (!state.awaitNoUnansweredRequest(deadline)) {
            throw failure("closing the input: a request is still unanswered, kapacitord would hang");
        }
        writer.end();
        if (!state.awaitWriterEnded(deadline)) {
            throw failure("closing the input: not all could be written within " + deadline);
        }
    }

    /**
     * Ends the session like a task that stops: calls {@link #closeInput} if the session is still running, and then
     * {@link #awaitEnd()}.
     */
    public void finish() {
        if (state.phase() == ConversationState.Phase.RUNNING) {
            closeInput();
        }
        awaitEnd();
    }

    /**
     * Aborts, like Kapacitor on disable, reload or delete. Queued messages are not sent. The input ends after the
     * current write, which may never return. Further output is discarded or not read ({@link Builder#afterAbort}). Does
     * not wait.
     */
    public void abort() {
        fail("node aborted");
    }

    /** Like {@link #awaitEnd(Duration)}, with the deadline as the limit. */
    public End awaitEnd() {
        return awaitEnd(deadline);
    }

    /**
     * Waits until the agent's output has ended or, after an abort, until reading has ended. If the agent's input is
     * being closed, also waits until it is closed. If the agent is a child process, also waits until the child has
     * exited and its STDERR is closed. kapacitord waits for all of this without a limit and under a lock. An agent for
     * which this method fails would therefore block kapacitord.
     */
    public End awaitEnd(Duration limit) {
        refuseOnReadingThread();
        if (!state.awaitEnd(limit)) {
            throw failure("end: not within " + limit + ", kapacitord would hang");
        }
        return new End(state.exitStatus());
    }

    /**
     * Ends the session immediately, whatever the state of the agent: closes the socket, or kills the child and its
     * descendants.
     */
    @Override
    public void close() {
        state.close();
        stopKeepalive();
        writer.abort();
        if (process == null) {
            transport.kill();
        } else {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (!onReadingThread() && !state.awaitEnd(CLOSE_LIMIT)) {
            // Another process holds the child's pipes. The threads that use the pipes are daemons, and end when the
            // pipes close.
            transport.drop();
        }
    }

    // Problems

    /** The reason why kapacitord would have crashed; empty if it would not. */
    public Optional<String> death() {
        return state.death();
    }

    /** The text of the agent's ErrorResponse, if one was read. */
    public Optional<String> error() {
        return state.error();
    }

    /**
     * The task's error, as it would be in Kapacitor's log. If there are several errors, the first one is returned.
     * {@link #abort} causes the error "node aborted".
     */
    public Optional<String> taskError() {
        return state.taskError();
    }

    /** Waits until the task has an error, and returns it. */
    public String awaitTaskError() {
        refuseOnReadingThread();
        if (!state.awaitTaskError(deadline)) {
            throw failure("task error: none within " + deadline);
        }
        return state.taskError().orElseThrow();
    }

    /**
     * Responses that Kapacitor accepts but misinterprets: unrequested answers, points in a wrong batch, fields of two
     * types, and so on.
     */
    public List<String> warnings() {
        return state.warnings();
    }

    /**
     * All problems: the reason for a {@link #death}, the task's error, and the warnings. Empty after a clean session.
     */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        death().ifPresent(why -> problems.add("kapacitord crashed: " + why));
        taskError().ifPresent(text -> problems.add("task error: " + text));
        problems.addAll(warnings());
        return problems;
    }

    // The child

    /** The child, if there is one. */
    public Optional<ProcessHandle> process() {
        return Optional.ofNullable(process).map(Process::toHandle);
    }

    /**
     * The last 10,000 lines of the child's STDERR. Like Kapacitor, the stand-in stops reading STDERR after a line of 64
     * KiB.
     */
    public List<String> stderr() {
        return state.stderr();
    }

    /** Waits until the child has written a matching line to STDERR. */
    public void awaitStderr(Predicate<String> line) {
        if (!state.awaitStderr(line, deadline)) {
            throw failure("STDERR: no such line within " + deadline);
        }
    }

    // Used by the threads

    void fail(String text) {
        state.taskError(text);
        endByAbort();
    }

    void die(String why) {
        state.death(why);
        endByAbort();
        transport.drop();
    }

    void readerEnded() {
        state.readerEnded();
        releaseWhenDone();
    }

    void writerEnded() {
        state.writerEnded();
        releaseWhenDone();
    }

    StandInException failure(String what) {
        StringBuilder text = new StringBuilder(what).append("; the session is ").append(state.phase());
        problems().forEach(problem -> text.append("; ").append(problem));
        state.exitStatus().ifPresent(status -> text.append("; exit status ").append(status));
        List<String> lines = stderr();
        lines.subList(Math.max(0, lines.size() - STDERR_LINES_IN_FAILURE), lines.size())
                .forEach(line -> text.append("\n  STDERR: ").append(line));
        return new StandInException(text.toString());
    }

    private void endByAbort() {
        state.become(ConversationState.Phase.ABORTED);
        stopKeepalive();
        writer.abort();
    }

    private void releaseWhenDone() {
        if (state.ioEnded()) {
            transport.release();
        }
    }

    private Response ask(Request request, MessageCase kind) {
        refuseOnReadingThread();
        if (state.phase() != ConversationState.Phase.RUNNING) {
            throw failure(kind + ": cannot be requested any more");
        }
        state.asked(kind);
        state.asking(true);
        writer.request(request);
        Response answer = state.awaitAnswer(kind, deadline);
        if (answer == null) {
            // Kapacitor would still be waiting for the answer. Therefore, the request remains open.
            throw failure(
                    state.phase() == ConversationState.Phase.ABORTED
                            ? kind + ": no answer, the session was aborted"
                            : kind + ": no answer within " + deadline + ", kapacitord would hang");
        }
        state.asking(false);
        return answer;
    }

    private void inTurn(Runnable delivery) {
        refuseOnReadingThread();
        try {
            if (!sendingTurn.tryLock(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
                throw failure("sending: another thread is still sending after " + deadline);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StandInException("interrupted while waiting to send", e);
        }
        try {
            if (state.phase() != ConversationState.Phase.RUNNING) {
                throw failure("sending: the input is closed");
            }
            delivery.run();
        } finally {
            sendingTurn.unlock();
        }
    }

    private boolean onReadingThread() {
        return Thread.currentThread() == readingThread;
    }

    private void refuseOnReadingThread() {
        if (onReadingThread()) {
            throw new IllegalStateException(
                    "thread: the reading thread (expected: another one, because it would not read meanwhile)");
        }
    }

    // Keepalive

    private void startKeepalive() {
        long halfNanos = timeout.toNanos() / 2;
        keepaliveTick = TIMER.scheduleAtFixedRate(
                () -> {
                    Instant now = Instant.now();
                    writer.keepalive(TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano());
                },
                halfNanos,
                halfNanos,
                TimeUnit.NANOSECONDS);
        watchKeepalive(timeout.toNanos());
    }

    private void watchKeepalive(long delayNanos) {
        TIMER.schedule(this::checkKeepalive, delayNanos, TimeUnit.NANOSECONDS);
    }

    private void checkKeepalive() {
        if (state.phase() != ConversationState.Phase.RUNNING) {
            return;
        }
        long idleNanos = System.nanoTime() - state.lastResponseNanos();
        if (idleNanos < timeout.toNanos()) {
            watchKeepalive(timeout.toNanos() - idleNanos);
            return;
        }
        fail("keepalive timedout, last keepalive received was: " + Instant.now().minusNanos(idleNanos));
        TIMER.schedule(this::killIfHanging, 2 * timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void killIfHanging() {
        if (!state.ioEnded()) {
            transport.kill();
        }
    }

    private void stopKeepalive() {
        ScheduledFuture<?> tick = keepaliveTick;
        if (tick != null) {
            tick.cancel(false);
        }
    }

    // Threads

    private Thread thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        threads.add(thread);
        return thread;
    }

    private void start() {
        if (process != null) {
            process.onExit().thenAccept(exited -> state.exited(exited.exitValue()));
        }
        threads.forEach(Thread::start);
        if (keepsAlive) {
            startKeepalive();
        }
    }

    private void scanStderr(InputStream stderr) {
        boolean toTheEnd = new StderrScanner(stderr, state::stderr).run();
        if (!toTheEnd) {
            state.warn("STDERR: a line of " + StderrScanner.MAX_LINE_BYTES
                    + " bytes, reading stops here (expected: shorter lines)");
        }
        state.stderrEnded();
    }

    private static ScheduledExecutorService timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "kapacitor-keepalive");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /**
     * Builds a session with a function.
     *
     * <p>Threading: one thread.
     */
    public static final class Builder {
        private Duration timeout = Duration.ofSeconds(10);
        private Duration deadline = Duration.ofMinutes(1);
        private boolean keepalives = true;
        private Supplier<Framing> framing = Framing.LengthThenBody::new;
        private Map<String, String> env = Collections.emptyMap();

        Consumer<Response> consumer = response -> {};
        AfterAbort afterAbort = AfterAbort.STOP_READING;
        Keeping keeping = Keeping.RESPONSES;

        private Builder() {}

        /** Sets the keepalive timeout, as in the function's configuration; 10 s by default. */
        public Builder timeout(Duration keepaliveTimeout) {
            if (keepaliveTimeout.compareTo(Duration.ofMillis(1)) <= 0) {
                throw new IllegalArgumentException("timeout: " + keepaliveTimeout + " (expected: > 1 ms)");
            }
            timeout = keepaliveTimeout;
            return this;
        }

        /**
         * Enables or disables keepalives; enabled by default. If enabled, the session is aborted when no response has
         * been read for the timeout. If disabled, a test may pause for any length of time.
         */
        public Builder keepalives(boolean on) {
            keepalives = on;
            return this;
        }

        /**
         * Sets how long a call waits for the agent; 1 minute by default. When data is sent, this limits how long the
         * agent may go without reading.
         */
        public Builder deadline(Duration callLimit) {
            deadline = callLimit;
            return this;
        }

        /** Writes each frame with one write. By default, the length and the body of a frame are written separately. */
        public Builder writeWholeFrames() {
            framing = Framing.WholeFrames::new;
            return this;
        }

        /**
         * Writes chunks of this size, which may begin and end anywhere in a frame. Large chunks are for load tests, and
         * chunks of one byte test the worst case.
         */
        public Builder writeChunks(int chunkBytes) {
            if (chunkBytes < 1) {
                throw new IllegalArgumentException("chunkBytes: " + chunkBytes + " (expected: >= 1)");
            }
            framing = () -> new Framing.Chunks(chunkBytes);
            return this;
        }

        /** Counts and checks responses, but keeps only the counts, keepalives and problems. */
        public Builder countOnly() {
            keeping = Keeping.NOTHING;
            return this;
        }

        /**
         * Counts points without decoding them, which is useful for load tests. The rules for points are not checked.
         * Other responses are decoded and checked, but not kept.
         */
        public Builder countUndecoded() {
            keeping = Keeping.NOTHING_DECODED;
            return this;
        }

        /**
         * Passes each response to a consumer. The reading thread calls the consumer, and reads nothing until the
         * consumer returns. If the consumer throws an exception, the session is aborted.
         */
        public Builder onResponse(Consumer<Response> responseConsumer) {
            consumer = responseConsumer;
            return this;
        }

        /** Sets what the reading thread does after an abort; by default it stops reading. */
        public Builder afterAbort(AfterAbort reading) {
            afterAbort = reading;
            return this;
        }

        /** Sets an environment variable of the child, in addition to those of this process. */
        public Builder env(String key, String value) {
            Map<String, String> more = new HashMap<>(env);
            more.put(key, value);
            env = more;
            return this;
        }

        /**
         * Connects to an agent's Unix socket, trying repeatedly until the deadline.
         *
         * @throws IOException if nothing listens on the socket before the deadline
         */
        public Kapacitor connect(Path socket) throws IOException {
            return over(SocketTransport.connect(socket, deadline));
        }

        /** Uses an existing connection to an agent. */
        Kapacitor over(Transport transport) {
            return started(new Kapacitor(this, transport, null));
        }

        /**
         * Starts an agent as a child process.
         *
         * @throws IOException if the agent cannot be started
         */
        public Kapacitor spawn(String... command) throws IOException {
            return spawn(List.of(command));
        }

        /** Like {@link #spawn(String...)}. */
        public Kapacitor spawn(List<String> command) throws IOException {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(env);
            Process process = builder.start();
            return started(new Kapacitor(this, new ProcessTransport(process), process));
        }

        private static Kapacitor started(Kapacitor kapacitor) {
            kapacitor.start();
            return kapacitor;
        }
    }
}
