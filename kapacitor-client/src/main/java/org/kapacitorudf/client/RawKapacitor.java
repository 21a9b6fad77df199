package org.kapacitorudf.client;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
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
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/**
 * One use of an agent, byte by byte: nothing is sent that the caller does not send, and what comes is judged as
 * Kapacitor judges it. {@link Kapacitor} behaves; this does as it is told, wrong things included.
 *
 * <p>A thread of its own reads. Where Kapacitor would read no further (it has died, a frame is broken), the reading ends.
 * The data that came is counted and summed up, not kept.
 *
 * <p>Threading: one thread writes and ends the input; the rest is for any thread.
 *
 * <p>Errors: writing is an {@link IOException} when the agent has gone, or the exchange was closed.
 */
@SuppressWarnings("ProtocolBufferOrdinal") // the index of an array
public final class RawKapacitor implements AutoCloseable {
    private static final int KINDS = MessageCase.values().length;
    private static final int STDERR_LINES_KEPT = 3;
    private static final int MAX_ANSWERS_KEPT = 1000;
    private static final int MAX_WARNINGS_KEPT = 20;

    /**
     * All the data that came: points outside batches, and whole batches. Two are equal when the same came, in whatever
     * order.
     *
     * @param messages how many begins, points and ends
     * @param sum of a hash of each point or batch
     */
    public record Data(long messages, long sum) {}

    private final Transport transport;
    private final Process process;
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
    private String error;
    private String broken;
    private String death;
    private long lastSignNanos = System.nanoTime();

    private RawKapacitor(Transport transport, Process process) {
        this.transport = transport;
        this.process = process;
        stderrEnded = process == null;
        reader = new Thread(this::read, "exchange-reader");
        reader.setDaemon(true);
    }

    /** Dials an agent's socket, until it is there or the limit has passed. */
    public static RawKapacitor connect(Path socket, Duration limit) throws IOException {
        return new RawKapacitor(SocketTransport.connect(socket, limit), null).start();
    }

    /** Starts an agent as a child process. */
    public static RawKapacitor spawn(List<String> command) throws IOException {
        Process child = new ProcessBuilder(command).start();
        return new RawKapacitor(new ProcessTransport(child), child).start();
    }

    // To the agent

    /** Writes bytes as they are, each array with one write; blocks while the agent does not read. */
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
     * From now on as few writes as the system can are on their way: a socket's next one waits until the agent has read earlier ones, so that it reads what was
     * written a few at a time however late it is. A pipe is as it is.
     */
    public void narrow() throws IOException {
        transport.narrow();
    }

    /** Ends the agent's input, and goes on reading. */
    public void endInput() throws IOException {
        transport.endInput();
    }

    /** Both streams go at once, as when kapacitord itself is gone; a child lives on. */
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

    /** Reads no more, from the next response on. */
    public synchronized void pauseReading() {
        readingPaused = true;
    }

    /** Reads on. */
    public synchronized void resumeReading() {
        readingPaused = false;
        notifyAll();
    }

    // From the agent

    /** How many responses of a kind have come. */
    public synchronized int count(MessageCase kind) {
        return counts[kind.ordinal()];
    }

    /** The answers to Info, Init, Snapshot and Restore of a kind, in order. */
    public synchronized List<Response> answers(MessageCase kind) {
        return answers.stream()
                .filter(answer -> answer.getMessageCase() == kind)
                .toList();
    }

    /** Whether a keepalive response with this time has come. */
    public synchronized boolean hasKeepalive(long time) {
        return keepaliveTimes.contains(time);
    }

    /** The data that has come so far; of a batch, only once it has ended. */
    public synchronized Data data() {
        return new Data(dataMessages, dataSum);
    }

    /** How many points have come outside batches. */
    public synchronized long pointsOutside() {
        return pointsOutside;
    }

    /** How many batches have come to their end. */
    public synchronized long batches() {
        return batches;
    }

    /** The text of the agent's ErrorResponse. */
    public synchronized Optional<String> error() {
        return Optional.ofNullable(error);
    }

    /** Why all of kapacitord would have died. */
    public synchronized Optional<String> death() {
        return Optional.ofNullable(death);
    }

    /** What was wrong with a frame or message, for which Kapacitor ends the task. */
    public synchronized Optional<String> broken() {
        return Optional.ofNullable(broken);
    }

    /** What Kapacitor takes, but not as it was meant. */
    public synchronized List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Whether nothing more is read: the output has ended, or broke off. */
    public synchronized boolean ended() {
        return ended;
    }

    /** The first and the last lines of a child's STDERR. */
    public synchronized List<String> stderr() {
        List<String> lines = new ArrayList<>(firstStderr);
        lines.addAll(lastStderr);
        return lines;
    }

    /** A child's exit status, once it has exited. */
    public OptionalInt exitStatus() {
        return process == null || process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
    }

    /**
     * Waits for something.
     *
     * @param silence how long there may be no response of any kind
     * @return whether the condition holds; false also when the output has ended, for then nothing changes any more
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

    /** Waits until a child has exited and nobody holds its STDERR open. */
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

    /** Ends everything at once: the socket is closed, a child and its children are killed. */
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
            Thread scanner = new Thread(this::scanStderr, "exchange-stderr");
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

    /** The same for the same message: maps are in order. */
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

    private void scanStderr() {
        boolean toTheEnd = new StderrScanner(process.getErrorStream(), this::takeStderr).run();
        synchronized (this) {
            stderrEnded = toTheEnd;
            if (!toTheEnd) {
                warn("STDERR: a line of " + StderrScanner.MAX_LINE_BYTES + " bytes (expected: shorter lines)");
            }
            notifyAll();
        }
    }
}
