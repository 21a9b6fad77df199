package org.kapacitorudf.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/**
 * The state of a session, with methods to wait for changes.
 *
 * <p>Threading: safe for use by any thread. The monitor of the instance guards all of its state.
 */
@SuppressWarnings("ProtocolBufferOrdinal") // used as the index of an array
final class ConversationState {
    /**
     * The phase of a session.
     *
     * <pre>
     *   RUNNING --closeInput--> STOPPING
     *      |                       |
     *      +-------> ABORTED <-----+
     * </pre>
     */
    enum Phase {
        RUNNING,
        STOPPING,
        ABORTED;

        boolean mayBecome(Phase next) {
            return next.compareTo(this) > 0;
        }
    }

    private static final int MAX_WARNINGS = 1000;
    private static final int MAX_STDERR_LINES = 10_000;
    private static final Set<MessageCase> DATA = EnumSet.of(MessageCase.BEGIN, MessageCase.POINT, MessageCase.END);
    private static final int KINDS = MessageCase.values().length;

    private final long openedNanos = System.nanoTime();
    private final boolean keepsResponses;
    private final boolean hasProcess;

    private Phase phase = Phase.RUNNING;
    private boolean closed;
    private boolean readerEnded;
    private boolean writerEnded;
    private boolean stderrEnded;
    private OptionalInt exitStatus = OptionalInt.empty();

    private boolean readingPaused;
    private boolean handling;

    private final List<Response> responses = new ArrayList<>();
    private final List<Kapacitor.KeepaliveSeen> keepalives = new ArrayList<>();
    private final long[] counts = new long[KINDS];
    private final long[] awaited = new long[KINDS];
    private long lastResponseNanos = openedNanos;
    private long largestGapNanos;

    private final Map<MessageCase, Response> answers = new EnumMap<>(MessageCase.class);
    private final int[] unanswered = new int[KINDS];
    private int asking;

    private final Deque<String> stderr = new ArrayDeque<>();
    private final List<String> warnings = new ArrayList<>();
    private @Nullable String taskError;
    private @Nullable String error;
    private @Nullable String death;

    ConversationState(boolean keepsResponses, boolean hasProcess) {
        this.keepsResponses = keepsResponses;
        this.hasProcess = hasProcess;
        stderrEnded = !hasProcess;
        Arrays.fill(awaited, Long.MAX_VALUE);
    }

    /**
     * Waits for a notification of a monitor that the caller holds, but not much longer than {@code nanos}. If the
     * thread is interrupted, throws a {@link StandInException}.
     */
    static void waitOn(Object monitor, long nanos) {
        try {
            // Rounded up, and never 0, which would wait forever.
            monitor.wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos) + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StandInException("interrupted while waiting for the agent", e);
        }
    }

    // Phases

    synchronized Phase phase() {
        return phase;
    }

    /** Changes the phase; returns false if the transition is no longer possible. */
    synchronized boolean become(Phase next) {
        if (!phase.mayBecome(next)) {
            return false;
        }
        phase = next;
        notifyAll();
        return true;
    }

    synchronized void close() {
        closed = true;
        phase = Phase.ABORTED;
        notifyAll();
    }

    synchronized void readerEnded() {
        largestGapNanos = Math.max(largestGapNanos, System.nanoTime() - lastResponseNanos);
        readerEnded = true;
        notifyAll();
    }

    synchronized void writerEnded() {
        writerEnded = true;
        notifyAll();
    }

    synchronized void stderrEnded() {
        stderrEnded = true;
        notifyAll();
    }

    synchronized void exited(int status) {
        exitStatus = OptionalInt.of(status);
        notifyAll();
    }

    synchronized boolean ioEnded() {
        return readerEnded && writerEnded;
    }

    synchronized OptionalInt exitStatus() {
        return exitStatus;
    }

    /**
     * Waits until the output has ended, and also the input if it is being ended. If the agent is a child process, also
     * waits until the child has exited and its STDERR is closed. Returns false if this takes longer than the limit.
     */
    synchronized boolean awaitEnd(Duration limit) {
        return await(
                () -> readerEnded
                        && (writerEnded || phase == Phase.RUNNING)
                        && stderrEnded
                        && (exitStatus.isPresent() || !hasProcess),
                limit);
    }

    synchronized boolean awaitWriterEnded(Duration limit) {
        return await(() -> writerEnded, limit);
    }

    // Control of the reader

    /**
     * Pauses the reader before its next response, or resumes it. After pausing, waits until no response is being
     * handled. The reader itself does not wait.
     */
    synchronized void pauseReading(boolean paused, boolean byReader) {
        readingPaused = paused;
        notifyAll();
        while (paused && handling && !byReader) {
            waitOn(this, Long.MAX_VALUE);
        }
    }

    /**
     * Waits while reading is paused. Returns false if nothing more is to be read, because the session was closed or
     * aborted.
     */
    synchronized boolean mayRead(boolean readsOnAfterAbort) {
        while (true) {
            if (closed || phase == Phase.ABORTED && !readsOnAfterAbort) {
                return false;
            }
            if (!readingPaused) {
                return true;
            }
            waitOn(this, Long.MAX_VALUE);
        }
    }

    /**
     * Like {@link #mayRead}, but a result of true also marks the next response as being handled. The mark is removed by
     * {@link #handled}.
     */
    synchronized boolean mayHandle(boolean readsOnAfterAbort) {
        handling = mayRead(readsOnAfterAbort);
        return handling;
    }

    synchronized void handled() {
        handling = false;
        if (readingPaused) {
            notifyAll();
        }
    }

    // Received data

    /** Records that a response has been read, which resets the keepalive timeout. */
    synchronized void arrived() {
        long now = System.nanoTime();
        largestGapNanos = Math.max(largestGapNanos, now - lastResponseNanos);
        lastResponseNanos = now;
    }

    synchronized long lastResponseNanos() {
        return lastResponseNanos;
    }

    synchronized Duration largestGap() {
        long running = readerEnded ? 0 : System.nanoTime() - lastResponseNanos;
        return Duration.ofNanos(Math.max(largestGapNanos, running));
    }

    synchronized void received(Response response) {
        MessageCase kind = response.getMessageCase();
        // After an abort Kapacitor discards everything that it still reads.
        if (keepsResponses && phase != Phase.ABORTED) {
            responses.add(response);
        }
        switch (kind) {
            case INFO, INIT, SNAPSHOT, RESTORE -> answered(kind, response);
            case KEEPALIVE ->
                keepalives.add(new Kapacitor.KeepaliveSeen(
                        response.getKeepalive().getTime(), Duration.ofNanos(lastResponseNanos - openedNanos)));
            case ERROR -> error = response.getError().getError();
            default -> {}
        }
        count(kind);
    }

    synchronized void count(MessageCase kind) {
        if (phase == Phase.ABORTED && DATA.contains(kind)) {
            return;
        }
        long count = ++counts[kind.ordinal()];
        // A waiting thread is woken only when its count is reached, because there may be millions of points.
        if (count >= awaited[kind.ordinal()]) {
            awaited[kind.ordinal()] = Long.MAX_VALUE;
            notifyAll();
        }
    }

    private void answered(MessageCase kind, Response response) {
        if (unanswered[kind.ordinal()] == 0) {
            warn("answer to " + kind + ": not requested (expected: one for each request)");
        } else {
            unanswered[kind.ordinal()]--;
        }
        // Kapacitor keeps one answer of each kind. If no request is waiting for the answer, the next request of that
        // kind gets it. A second answer is dropped.
        if (answers.putIfAbsent(kind, response) != null) {
            warn("answer to " + kind + ": received message without requesting it");
        }
        notifyAll();
    }

    synchronized long received(MessageCase kind) {
        return counts[kind.ordinal()];
    }

    synchronized List<Response> responses(Predicate<Response> which) {
        return responses.stream().filter(which).toList();
    }

    synchronized List<Kapacitor.KeepaliveSeen> keepalives() {
        return List.copyOf(keepalives);
    }

    /**
     * Waits until this many responses have arrived. Returns false if they do not arrive within the limit, or if reading
     * ends first.
     */
    synchronized boolean awaitReceived(MessageCase kind, long count, Duration limit) {
        int index = kind.ordinal();
        await(
                () -> {
                    if (counts[index] >= count || readerEnded) {
                        return true;
                    }
                    awaited[index] = Math.min(awaited[index], count);
                    return false;
                },
                limit);
        return counts[index] >= count;
    }

    // Requests and answers

    /** Records that an answer of this kind is expected. */
    synchronized void asked(MessageCase kind) {
        unanswered[kind.ordinal()]++;
    }

    synchronized void asking(boolean begins) {
        asking += begins ? 1 : -1;
        notifyAll();
    }

    /** Waits for an answer; returns null if none arrives in time, or if none can arrive any more. */
    synchronized Response awaitAnswer(MessageCase kind, Duration limit) {
        await(() -> answers.containsKey(kind) || readerEnded || phase == Phase.ABORTED, limit);
        return answers.remove(kind);
    }

    synchronized boolean awaitNoUnansweredRequest(Duration limit) {
        return await(() -> asking == 0 || phase == Phase.ABORTED, limit);
    }

    // Problems

    synchronized void warn(String warning) {
        if (warnings.size() < MAX_WARNINGS) {
            warnings.add(warning);
        }
    }

    synchronized List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Records the task's error. Only the first one is kept. */
    synchronized void taskError(String text) {
        if (taskError == null && !closed) {
            taskError = text;
            notifyAll();
        }
    }

    synchronized Optional<String> taskError() {
        return Optional.ofNullable(taskError);
    }

    synchronized boolean awaitTaskError(Duration limit) {
        return await(() -> taskError != null, limit);
    }

    synchronized void death(String why) {
        death = why;
        notifyAll();
    }

    synchronized Optional<String> death() {
        return Optional.ofNullable(death);
    }

    synchronized Optional<String> error() {
        return Optional.ofNullable(error);
    }

    // STDERR

    synchronized void stderr(String line) {
        stderr.add(line);
        if (stderr.size() > MAX_STDERR_LINES) {
            stderr.remove();
        }
        notifyAll();
    }

    synchronized List<String> stderr() {
        return List.copyOf(stderr);
    }

    synchronized boolean awaitStderr(Predicate<String> line, Duration limit) {
        await(() -> stderr.stream().anyMatch(line) || stderrEnded, limit);
        return stderr.stream().anyMatch(line);
    }

    private boolean await(BooleanSupplier condition, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            long leftNanos = deadline - System.nanoTime();
            if (leftNanos <= 0) {
                return false;
            }
            waitOn(this, leftNanos);
        }
        return true;
    }
}
