package org.kapacitorudf.client;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/**
 * A session with an agent at byte level. Unlike {@link Kapacitor}, it sends nothing by itself, not even keepalives. It
 * checks responses as Kapacitor does.
 *
 * <p>It reads on its own thread. Reading ends where Kapacitor would crash, and at an invalid frame. Data is counted and
 * hashed, but not kept.
 *
 * <p>Threading: one thread writes and ends the input; everything else is safe for use by any thread.
 *
 * <p>Errors: writing throws an {@link IOException} if the agent has disconnected, or if the session was closed.
 */
@SuppressWarnings("ProtocolBufferOrdinal") // used as the index of an array
public final class RawKapacitor implements AutoCloseable {
    private static final int KINDS = MessageCase.values().length;
    private static final int STDERR_LINES_KEPT = 3;
    private static final int MAX_ANSWERS_KEPT = 1000;
    private static final int MAX_WARNINGS_KEPT = 20;

    /**
     * A summary of the received data. The summaries of two sessions are equal if both have received the same points
     * outside batches and the same batches, in any order.
     *
     * @param messages the number of BeginBatch, Point and EndBatch messages
     * @param sum the sum of the hashes of all points outside batches and of all complete batches
     */
    public record Data(long messages, long sum) {}

    private final Transport transport;
    private final @Nullable Process process;
    private final Thread reader;

    // All guarded by this.
    private final int[] counts = new int[KINDS];
    private final List<Response> answers = new ArrayList<>();
    private final Set<Long> keepaliveTimes = new HashSet<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> firstStderr = new ArrayList<>();
    private final Deque<String> lastStderr = new ArrayDeque<>();
    private long dataMessages;
    private long dataSum;
    private long batchHash;
    private boolean inBatch;
    private long pointsOutside;
    private long batches;
    private boolean readingPaused;
    private boolean closed;
    private boolean ended;
    private boolean stderrEnded;
    private @Nullable String error;
    private @Nullable String broken;
    private @Nullable String death;
    private long lastSignNanos = System.nanoTime();

    private RawKapacitor(Transport transport, @Nullable Process process) {
        this.transport = transport;
        this.process = process;
        stderrEnded = process == null;
        reader = new Thread(this::read, "exchange-reader");
        reader.setDaemon(true);
    }

    /** Connects to an agent's socket, trying repeatedly until the limit. */
    public static RawKapacitor connect(Path socket, Duration limit) throws IOException {
        return new RawKapacitor(SocketTransport.connect(socket, limit), null).start();
    }

    /** Starts an agent as a child process. */
    public static RawKapacitor spawn(List<String> command) throws IOException {
        Process child = new ProcessBuilder(command).start();
        return new RawKapacitor(new ProcessTransport(child), child).start();
    }

    // Output to the agent

    /** Writes bytes unchanged, one write per array; blocks while the agent does not read. */
    public void write(byte[]... pieces) throws IOException {
        for (byte[] piece : pieces) {
            transport.write(piece, 0, piece.length);
        }
    }

    /** Writes requests as Kapacitor does: for each, its length and then its body. */
    public void send(Iterable<Request> requests) throws IOException {
        for (Request request : requests) {
            byte[] body = request.toByteArray();
            write(Frames.header(body.length), body);
        }
    }

    /**
     * Reduces the socket's buffering to the minimum: each write waits until the agent has read the earlier writes. Even
     * a slow agent therefore reads only a few writes at a time. Does not affect pipes.
     */
    public void narrow() throws IOException {
        transport.narrow();
    }

    /** Ends the agent's input, and continues to read. */
    public void endInput() throws IOException {
        transport.endInput();
    }

    /** Closes both streams at once, as if kapacitord had been killed; a child is not killed. */
    public void drop() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        transport.drop();
        if (process != null) {
            transport.endInput();
        }
    }

    /** Stops reading before the next response. */
    public synchronized void pauseReading() {
        readingPaused = true;
    }

    /** Resumes reading. */
    public synchronized void resumeReading() {
        readingPaused = false;
        notifyAll();
    }

    // Responses of the agent

    /** The number of responses of a kind. */
    public synchronized int count(MessageCase kind) {
        return counts[kind.ordinal()];
    }

    /**
     * The answers of one kind (Info, Init, Snapshot or Restore), in order. Only the first 1,000 answers of a session
     * are kept.
     */
    public synchronized List<Response> answers(MessageCase kind) {
        return answers.stream()
                .filter(answer -> answer.getMessageCase() == kind)
                .toList();
    }

    /** Whether a keepalive response with the given time has been received. */
    public synchronized boolean hasKeepalive(long time) {
        return keepaliveTimes.contains(time);
    }

    /** A summary of the data received so far. */
    public synchronized Data data() {
        return new Data(dataMessages, dataSum);
    }

    /** The number of points outside batches. */
    public synchronized long pointsOutside() {
        return pointsOutside;
    }

    /** The number of complete batches. */
    public synchronized long batches() {
        return batches;
    }

    /** The text of the agent's ErrorResponse, if one was received. */
    public synchronized Optional<String> error() {
        return Optional.ofNullable(error);
    }

    /** Why kapacitord would have crashed; empty if it would not. */
    public synchronized Optional<String> death() {
        return Optional.ofNullable(death);
    }

    /** Describes the invalid frame or message that would make Kapacitor end the task; empty if there was none. */
    public synchronized Optional<String> broken() {
        return Optional.ofNullable(broken);
    }

    /** Responses that Kapacitor accepts but misinterprets. */
    public synchronized List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Whether reading has ended, because the output has ended or is invalid. */
    public synchronized boolean ended() {
        return ended;
    }

    /** The first and the last lines of a child's STDERR. */
    public synchronized List<String> stderr() {
        List<String> lines = new ArrayList<>(firstStderr);
        lines.addAll(lastStderr);
        return lines;
    }

    /** The exit status of a child process; empty if it has not exited yet, or if there is no child. */
    public OptionalInt exitStatus() {
        return process == null || process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
    }

    /**
     * Waits for a condition.
     *
     * @param silence the longest time for which the agent may send no response
     * @return true once the condition holds; false if the agent is silent for too long, or if reading has ended,
     *     because nothing can change after that
     */
    public synchronized boolean await(BooleanSupplier condition, Duration silence) {
        long since = System.nanoTime();
        while (!condition.getAsBoolean()) {
            long leftNanos = Math.max(since, lastSignNanos) + silence.toNanos() - System.nanoTime();
            if (ended || leftNanos <= 0) {
                return false;
            }
            ConversationState.waitOn(this, leftNanos);
        }
        return true;
    }

    /**
     * Waits until a child process has exited and its STDERR is closed. Returns false if this takes longer than the
     * limit.
     */
    public boolean awaitGone(Duration limit) {
        if (process == null) {
            return true;
        }
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StandInException("interrupted while waiting for the agent", e);
        }
        synchronized (this) {
            while (!stderrEnded && deadline - System.nanoTime() > 0) {
                ConversationState.waitOn(this, deadline - System.nanoTime());
            }
            return stderrEnded;
        }
    }

    /** Ends the session immediately: closes the socket, or kills the child and its descendants. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
        }
        transport.kill();
    }

    private RawKapacitor start() {
        reader.start();
        if (process != null) {
            Thread scanner = new Thread(() -> scanStderr(process.getErrorStream()), "exchange-stderr");
            scanner.setDaemon(true);
            scanner.start();
        }
        return this;
    }

    private void read() {
        ResponseRules rules = new ResponseRules(this::warn);
        FrameReader frames = new FrameReader(
                (buffer, offset, length) -> mayRead() ? transport.read(buffer, offset, length) : -1,
                FrameReader.KAPACITOR_BUFFER_BYTES);
        String why = null;
        try {
            while (frames.next() && mayRead()) {
                Response response = decode(frames);
                rules.take(response);
                take(response);
            }
        } catch (DaemonDeath e) {
            synchronized (this) {
                death = e.getMessage();
            }
        } catch (InvalidProtocolBufferException e) {
            why = "a message is malformed: " + e.getMessage();
        } catch (IOException e) {
            why = "reading failed: " + e.getMessage();
        }
        synchronized (this) {
            broken = closed ? null : why;
            ended = true;
            notifyAll();
        }
    }

    private synchronized boolean mayRead() {
        while (readingPaused && !closed) {
            ConversationState.waitOn(this, Long.MAX_VALUE);
        }
        return !closed;
    }

    private Response decode(FrameReader frames) throws IOException {
        return Response.parser().parseFrom(frames.body(), frames.bodyOffset(), frames.bodyLength());
    }

    private synchronized void take(Response response) {
        MessageCase kind = response.getMessageCase();
        lastSignNanos = System.nanoTime();
        counts[kind.ordinal()]++;
        switch (kind) {
            case INFO, INIT, SNAPSHOT, RESTORE -> {
                if (answers.size() < MAX_ANSWERS_KEPT) {
                    answers.add(response);
                }
            }
            case KEEPALIVE -> keepaliveTimes.add(response.getKeepalive().getTime());
            case ERROR -> error = response.getError().getError();
            default -> takeData(response);
        }
        notifyAll();
    }

    private void takeData(Response response) {
        dataMessages++;
        long hash = hash(response);
        if (response.hasBegin()) {
            inBatch = true;
            batchHash = 0;
        }
        if (inBatch) {
            batchHash = 31 * batchHash + hash;
        } else {
            dataSum += hash;
            pointsOutside++;
        }
        if (response.hasEnd()) {
            batches++;
            inBatch = false;
            dataSum += batchHash * 0x9E3779B97F4A7C15L;
        }
    }

    /**
     * Returns a hash of a response. It is the same for equal messages, because maps are sorted before they are hashed.
     */
    private static long hash(Response response) {
        byte[] bytes = new byte[response.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            response.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long hash = 1125899906842597L;
        for (byte b : bytes) {
            hash = 31 * hash + b;
        }
        return hash;
    }

    private synchronized void warn(String warning) {
        if (warnings.size() < MAX_WARNINGS_KEPT) {
            warnings.add(warning);
        }
    }

    private synchronized void takeStderr(String line) {
        if (firstStderr.size() < STDERR_LINES_KEPT) {
            firstStderr.add(line);
            return;
        }
        lastStderr.add(line);
        if (lastStderr.size() > STDERR_LINES_KEPT) {
            lastStderr.remove();
        }
    }

    private void scanStderr(InputStream stderr) {
        boolean toTheEnd = new StderrScanner(stderr, this::takeStderr).run();
        synchronized (this) {
            stderrEnded = toTheEnd;
            if (!toTheEnd) {
                warn("STDERR: a line of " + StderrScanner.MAX_LINE_BYTES + " bytes (expected: shorter lines)");
            }
            notifyAll();
        }
    }
}
