package org.kapacitorudf.client;

import com.google.protobuf.ByteString;
import java.io.IOException;
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
 * Stands in for Kapacitor at the other end of the wire: one instance is one use of one function, over a Unix socket or
 * a child process.
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
 * <p>It does what Kapacitor 1.8.3 does, the unpleasant included: the length and the body of a request are two writes;
 * one thread writes requests and data and blocks while the agent does not read; a keepalive goes out every half
 * timeout, and the use is aborted when no response of any kind was read for a whole one, the socket closed or the child
 * killed two more after that if the reading or writing still hangs. Where kapacitord would panic, the streams are
 * dropped and {@link #death()} says why; where the task would end, {@link #taskError()} says what its error would be;
 * what Kapacitor takes but not as it was meant is in {@link #warnings()}. A failed Init or Restore is a task error and
 * nothing else: Kapacitor leaves such a connection or child as it is, keepalives included.
 *
 * <p>Two threads of its own read and write. A call of this class that asks or sends returns when the answer is there,
 * or all is written.
 *
 * <p>Threading: safe for any thread. What one call sends is not mixed with data of another call; requests and
 * keepalives may come in between, as in Kapacitor, but a request never overtakes what its own thread has sent before.
 *
 * <p>Errors: {@link StandInException} when the agent does not do its part within the {@linkplain Builder#deadline
 * deadline}, or cannot any more.
 */
public final class Kapacitor implements AutoCloseable {
    /** What the reading thread does once the use has been aborted. Kapacitor's may do either. */
    public enum AfterAbort {
        /** Reads nothing more: what the agent still writes fills the pipe. */
        STOP_READING,
        /** Reads to the end, and throws away the data. */
        READ_ON
    }

    /**
     * A keepalive response.
     *
     * @param timeNanos what it repeats of its request
     * @param at when it was read, from the start of the use
     */
    public record KeepaliveSeen(long timeNanos, Duration at) {}

    /**
     * How a use ended.
     *
     * @param exitStatus the child's; empty for a socket
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
    private final Duration deadline;
    private final Process process;
    private final Transport transport;
    private final ConversationState state;
    private final RequestWriter writer;
    private final Thread readingThread;
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock sendingTurn = new ReentrantLock(true);
    private volatile ScheduledFuture<?> keepaliveTick;

    private Kapacitor(Builder settings, Transport transport, Process process) {
        timeout = settings.keepalives ? settings.timeout : null;
        deadline = settings.deadline;
        this.transport = transport;
        this.process = process;
        state = new ConversationState(settings.keeping == Keeping.RESPONSES, process != null);
        writer = new RequestWriter(transport, settings.framing.get(), this);
        String name = process == null ? "socket" : "pid " + process.pid();
        thread(writer, "kapacitor-writer " + name);
        readingThread = thread(new ResponseReader(transport, this, state, settings), "kapacitor-reader " + name);
        if (process != null) {
            thread(this::scanStderr, "kapacitor-stderr " + name);
        }
    }

    /** Sets up a use: {@code Kapacitor.builder()...connect(socket)} or {@code ...spawn(command)}. */
    public static Builder builder() {
        return new Builder();
    }

    // Questions

    /** Asks what the function is, as Kapacitor does when it starts, on a use of its own. */
    public InfoResponse info() {
        return ask(
                        Request.newBuilder()
                                .setInfo(InfoRequest.getDefaultInstance())
                                .build(),
                        MessageCase.INFO)
                .getInfo();
    }

    /** Starts the function. An answer without success is given back, and is the task's error. */
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

    /** Gives the function its state back. An answer without success is given back, and is the task's error. */
    public RestoreResponse restore(ByteString snapshot) {
        RestoreRequest.Builder restore = RestoreRequest.newBuilder().setSnapshot(snapshot);
        RestoreResponse answer = ask(Request.newBuilder().setRestore(restore).build(), MessageCase.RESTORE)
                .getRestore();
        if (!answer.getSuccess()) {
            state.taskError("error restoring snapshot: " + answer.getError());
        }
        return answer;
    }

    /** As {@link #restore(ByteString)}. */
    public RestoreResponse restore(byte[] snapshot) {
        return restore(ByteString.copyFrom(snapshot));
    }

    /** Asks for the function's state, also while another thread is sending. */
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

    /** Sends points, one by one as the iteration gives them: a million need not exist at once. */
    public void send(Iterable<Point> points) {
        sendRequests(() -> StreamSupport.stream(points.spliterator(), false)
                .map(Frames::request)
                .iterator());
    }

    /** Sends batches. */
    public void sendBatch(PointBatch... batches) {
        sendBatches(Arrays.asList(batches));
    }

    /** Sends batches, one by one as the iteration gives them. */
    public void sendBatches(Iterable<PointBatch> batches) {
        sendRequests(() -> StreamSupport.stream(batches.spliterator(), false)
                .flatMap(batch -> batch.requests().stream())
                .iterator());
    }

    /** Begins a batch; until its {@link #end} nobody else should send data. */
    public void begin(BeginBatch begin) {
        sendRequests(List.of(Frames.request(begin)));
    }

    /** Sends one point, of the stream or of the batch that has begun. */
    public void point(Point point) {
        sendRequests(List.of(Frames.request(point)));
    }

    /** Ends a batch. */
    public void end(EndBatch end) {
        sendRequests(List.of(Frames.request(end)));
    }

    /**
     * Sends any requests as if they were data: nothing waits for an answer, and what comes is {@linkplain #warnings()
     * unasked}.
     */
    public void sendRequests(Iterable<Request> requests) {
        inTurn(() -> writer.deliver(requests.iterator(), deadline));
    }

    /**
     * Sends bytes as they are, each array with one write and nothing in between: damaged frames, frames cut anywhere,
     * or thousands of frames in one array, which is the fastest way to load an agent. What they hold is the caller's
     * business; keepalives may follow the last of them, so with those on, let it end a frame.
     */
    public void sendRaw(byte[]... pieces) {
        sendRaw(Arrays.asList(pieces));
    }

    /** As {@link #sendRaw(byte[]...)}. */
    public void sendRaw(Iterable<byte[]> pieces) {
        inTurn(() -> writer.deliverRaw(pieces.iterator(), deadline));
    }

    // What came back

    /** All that came, in order. */
    public List<Response> responses() {
        return state.responses(response -> true);
    }

    /** The begins, points and ends that came, in order. */
    public List<Response> received() {
        return state.responses(response -> DATA.contains(response.getMessageCase()));
    }

    /** The points that came outside batches. */
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

    /** The batches that came to their end, as Kapacitor puts them together. */
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
                    batches.add(new PointBatch(begin, points, response.getEnd()));
                    begin = null;
                }
            }
            if (begin == null) {
                points.clear();
            }
        }
        return batches;
    }

    /** How many points have come, inside batches or outside. */
    public long receivedPoints() {
        return received(MessageCase.POINT);
    }

    /** How many batches have come to their end. */
    public long receivedBatches() {
        return received(MessageCase.END);
    }

    /** How many responses of a kind have come. */
    public long received(MessageCase kind) {
        return state.received(kind);
    }

    /** The keepalive responses that came, also unasked ones. */
    public List<KeepaliveSeen> keepalives() {
        return state.keepalives();
    }

    /** The longest time without a response being read, from the start to the end of the output, or to now. */
    public Duration largestGap() {
        return state.largestGap();
    }

    /** Waits until so many points have come in all, inside batches or outside. */
    public void awaitReceived(long points) {
        awaitReceived(points, deadline);
    }

    /** As {@link #awaitReceived(long)}, with another limit. */
    public void awaitReceived(long points, Duration limit) {
        awaitResponses(MessageCase.POINT, points, limit);
    }

    /** Waits until so many batches have come to their end in all. */
    public void awaitBatches(long batches) {
        awaitResponses(MessageCase.END, batches, deadline);
    }

    /** Waits until so many responses of a kind have come in all. */
    public void awaitResponses(MessageCase kind, long count, Duration limit) {
        refuseOnReadingThread();
        if (!state.awaitReceived(kind, count, limit)) {
            throw failure(kind + ": " + received(kind) + " (expected: " + count + " within " + limit + ")");
        }
    }

    // A Kapacitor whose tasks downstream have stalled

    /**
     * Stops reading altogether, from the next response on. With keepalives on, the use ends a timeout later, as in
     * Kapacitor.
     */
    public void pauseReading() {
        state.pauseReading(true, onReadingThread());
    }

    /** Reads on. */
    public void resumeReading() {
        state.pauseReading(false, onReadingThread());
    }

    // The end

    /**
     * Stops cleanly: ends the agent's input (half-closes the socket, closes the child's STDIN) once all questions are
     * answered and all is written, and returns then. Reading goes on; keepalives do not.
     */
    public void closeInput() {
        refuseOnReadingThread();
        if (!state.become(ConversationState.Phase.STOPPING)) {
            throw failure("closing the input: it is closed already");
        }
        stopKeepalive();
        if (!state.awaitNobodyAsking(deadline)) {
            throw failure("closing the input: a request is still unanswered, kapacitord would hang");
        }
        writer.end();
        if (!state.awaitWriterEnded(deadline)) {
            throw failure("closing the input: not all could be written within " + deadline);
        }
    }

    /** Ends the use as a task that stops: {@link #closeInput}, unless that or an abort has been, then {@link #awaitEnd()}. */
    public void finish() {
        if (state.phase() == ConversationState.Phase.RUNNING) {
            closeInput();
        }
        awaitEnd();
    }

    /**
     * Aborts, as on disable, reload or delete: what is queued is never sent, the input ends when the write that goes on
     * has ended (which may be never), what still comes is thrown away or not read ({@link Builder#afterAbort}). Does
     * not wait.
     */
    public void abort() {
        fail("node aborted");
    }

    /** As {@link #awaitEnd(Duration)}, within the deadline. */
    public End awaitEnd() {
        return awaitEnd(deadline);
    }

    /**
     * Waits for the end of the agent's output, or of the reading after an abort; once the input is being closed, for
     * that too; for a child also until it has exited and nobody holds its STDERR open. This is what kapacitord waits
     * for without a limit, under a lock: an agent that makes this fail freezes it.
     */
    public End awaitEnd(Duration limit) {
        refuseOnReadingThread();
        if (!state.awaitEnd(limit)) {
            throw failure("end: not within " + limit + ", kapacitord would hang");
        }
        return new End(state.exitStatus());
    }

    /**
     * Ends everything at once, without regard to the agent: the socket is closed, a child and its children are killed.
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
            // Something else holds the child's pipes; the threads are daemons and end with them.
            transport.drop();
        }
    }

    // What went wrong

    /** Why all of kapacitord would have died, if it would. */
    public Optional<String> death() {
        return state.death();
    }

    /** The text of the agent's ErrorResponse, if one was read. */
    public Optional<String> error() {
        return state.error();
    }

    /**
     * What Kapacitor would log as the task's error: the first thing that ended it. After {@link #abort} that is "node
     * aborted".
     */
    public Optional<String> taskError() {
        return state.taskError();
    }

    /** Waits until the task has an error, and gives it. */
    public String awaitTaskError() {
        refuseOnReadingThread();
        if (!state.awaitTaskError(deadline)) {
            throw failure("task error: none within " + deadline);
        }
        return state.taskError().orElseThrow();
    }

    /**
     * What Kapacitor takes, but not as it was meant: answers to no question, points that land in a wrong batch, fields
     * of two types, and so on.
     */
    public List<String> warnings() {
        return state.warnings();
    }

    /** The death, the task's error and the warnings, together: empty after a clean use. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        death().ifPresent(why -> problems.add("kapacitord died: " + why));
        taskError().ifPresent(text -> problems.add("task error: " + text));
        problems.addAll(warnings());
        return problems;
    }

    // The child

    /** The child, if there is one. */
    public Optional<ProcessHandle> process() {
        return Optional.ofNullable(process).map(Process::toHandle);
    }

    /** The last 10,000 lines of the child's STDERR. After a line of 64 KiB Kapacitor, and this, reads no more of it. */
    public List<String> stderr() {
        return state.stderr();
    }

    /** Waits until the child has written such a line to STDERR. */
    public void awaitStderr(Predicate<String> line) {
        if (!state.awaitStderr(line, deadline)) {
            throw failure("STDERR: no such line within " + deadline);
        }
    }

    // For the threads

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

    /** Counts a question that is sent raw: its answer is expected, but nobody takes it. */
    public void asksRaw(MessageCase kind) {
        state.asked(kind, false);
    }

    StandInException failure(String what) {
        StringBuilder text = new StringBuilder(what).append("; the use is ").append(state.phase());
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
            throw failure(kind + ": cannot be asked any more");
        }
        state.asked(kind, true);
        state.asking(true);
        writer.request(request);
        Response answer = state.awaitAnswer(kind, deadline);
        if (answer == null) {
            // Who gives up here is still waiting in Kapacitor: the question stays open.
            throw failure(
                    state.phase() == ConversationState.Phase.ABORTED
                            ? kind + ": no answer, the use was aborted"
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
                    "thread: the one that reads (expected: another, or nothing would be read meanwhile)");
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
        if (timeout != null) {
            startKeepalive();
        }
    }

    private void scanStderr() {
        boolean toTheEnd = new StderrScanner(process.getErrorStream(), state::stderr).run();
        if (!toTheEnd) {
            state.warn("STDERR: a line of " + StderrScanner.MAX_LINE_BYTES
                    + " bytes, nothing more is read of it (expected: shorter lines)");
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
     * Sets up a use of a function.
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
        int readBufferBytes = FrameReader.KAPACITOR_BUFFER_BYTES;

        private Builder() {}

        /** The keepalive timeout of the function's configuration; 10 s if not set. */
        public Builder timeout(Duration keepaliveTimeout) {
            if (keepaliveTimeout.compareTo(Duration.ofMillis(1)) <= 0) {
                throw new IllegalArgumentException("timeout: " + keepaliveTimeout + " (expected: > 1 ms)");
            }
            timeout = keepaliveTimeout;
            return this;
        }

        /**
         * Whether keepalives are sent and their loss aborts the use; on if not set. Without them a test may pause for
         * as long as it likes.
         */
        public Builder keepalives(boolean on) {
            keepalives = on;
            return this;
        }

        /**
         * How long a call of the stand-in waits for the agent; 1 minute if not set. For sending: how long nothing may be
         * read.
         */
        public Builder deadline(Duration callLimit) {
            deadline = callLimit;
            return this;
        }

        /** Writes each frame with one write; if not set, its length and its body are two. */
        public Builder writeWholeFrames() {
            framing = Framing.WholeFrames::new;
            return this;
        }

        /**
         * Writes pieces of this size, wherever that cuts the frames: large ones for load, one byte for the worst case.
         */
        public Builder writeChunks(int chunkBytes) {
            if (chunkBytes < 1) {
                throw new IllegalArgumentException("chunkBytes: " + chunkBytes + " (expected: >= 1)");
            }
            framing = () -> new Framing.Chunks(chunkBytes);
            return this;
        }

        /** The size of the buffer to read with; Kapacitor's 4,096 bytes if not set. */
        public Builder readBuffer(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 1)");
            }
            readBufferBytes = bytes;
            return this;
        }

        /** Counts what comes and judges it, but keeps only the counts, keepalives and problems. */
        public Builder countOnly() {
            keeping = Keeping.NOTHING;
            return this;
        }

        /**
         * Counts points without looking into them, for load: no rule about points is checked. Everything else is
         * judged, and not kept.
         */
        public Builder countUndecoded() {
            keeping = Keeping.NOTHING_DECODED;
            return this;
        }

        /**
         * Also gives each response to a consumer, on the reading thread: while it is there, nothing is read. What it
         * throws ends the use.
         */
        public Builder onResponse(Consumer<Response> responseConsumer) {
            consumer = responseConsumer;
            return this;
        }

        /** What the reading thread does once the use has been aborted; it stops if not set. */
        public Builder afterAbort(AfterAbort reading) {
            afterAbort = reading;
            return this;
        }

        /** An environment variable of the child, besides those of this process. */
        public Builder env(String key, String value) {
            Map<String, String> more = new HashMap<>(env);
            more.put(key, value);
            env = more;
            return this;
        }

        /**
         * Dials an agent's Unix socket, again and again until the deadline.
         *
         * @throws IOException if nobody listens there then
         */
        public Kapacitor connect(Path socket) throws IOException {
            return over(SocketTransport.connect(socket, deadline));
        }

        /** Talks to an agent that is there already. */
        Kapacitor over(Transport transport) {
            return started(new Kapacitor(this, transport, null));
        }

        /**
         * Starts an agent as a child process.
         *
         * @throws IOException if it cannot be started
         */
        public Kapacitor spawn(String... command) throws IOException {
            return spawn(List.of(command));
        }

        /** As {@link #spawn(String...)}. */
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
