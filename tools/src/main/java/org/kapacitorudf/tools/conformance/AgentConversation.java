package org.kapacitorudf.tools.conformance;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.RawKapacitor;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.KeepaliveRequest;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.proto.RestoreResponse;
import org.kapacitorudf.proto.SnapshotRequest;

/**
 * A session with the agent in which each step is checked.
 *
 * <p>Threading: used only on the thread of its case; {@link #writeAside} starts another thread that writes.
 *
 * <p>Errors: {@link CaseFailure} with the requirement and the actual result.
 */
final class AgentConversation implements AutoCloseable {
    static final Request INFO =
            Request.newBuilder().setInfo(InfoRequest.getDefaultInstance()).build();
    static final Request SNAPSHOT = Request.newBuilder()
            .setSnapshot(SnapshotRequest.getDefaultInstance())
            .build();

    /** How long to wait for the output of a process that has exited. */
    private static final Duration EXIT_LIMIT = Duration.ofMillis(500);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);
    private static final int WRITE_BYTES = 64 * 1024;

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * After this many observations without more data, all data is assumed to have arrived. This is an estimate, because
     * nothing marks the end of the data.
     */
    private static final int QUIET_LOOKS = 60;

    /**
     * After this many observations without progress, the agent is assumed to be stuck. On a busy machine an agent may
     * be slow, but rarely this slow.
     */
    private static final int STUCK_LOOKS = 150;

    private static final long WORK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /**
     * The time of the first Keepalive: as large as a real time, but exactly representable as a double. An agent that
     * converts times to doubles therefore fails only the case that tests the last bits.
     */
    private static final long FIRST_KEEPALIVE_NANOS = 1_700_000_000L << 30;

    private static final int KEEPALIVE_ZERO_BITS = 20;

    private final RawKapacitor kapacitor;
    private final Duration timeout;
    private int keepalives;
    private @Nullable Aside aside;

    AgentConversation(RawKapacitor kapacitor, Duration timeout) {
        this.kapacitor = kapacitor;
        this.timeout = timeout;
    }

    RawKapacitor exchange() {
        return kapacitor;
    }

    /** How long the agent may be silent. */
    Duration timeout() {
        return timeout;
    }

    // Writing

    void write(byte[]... pieces) {
        try {
            kapacitor.write(pieces);
        } catch (IOException e) {
            // Waits for the output that the agent sent before it ended, because it explains more than the exception.
            kapacitor.await(kapacitor::ended, timeout);
            throw failure("it stopped reading (" + e.getMessage() + ")");
        }
    }

    void send(Collection<Request> requests) {
        try {
            kapacitor.send(requests);
        } catch (IOException e) {
            kapacitor.await(kapacitor::ended, timeout);
            throw failure("it stopped reading (" + e.getMessage() + ")");
        }
    }

    void send(Request... requests) {
        send(List.of(requests));
    }

    /** Sends all requests in a few large writes. */
    void sendAtOnce(Collection<Request> requests) {
        write(Frames.encodeAll(requests));
    }

    void endInput() {
        try {
            kapacitor.endInput();
        } catch (IOException e) {
            // The agent has already disconnected.
        }
    }

    /** Writes on a separate thread, because a write may block while the agent does not read. */
    final class Aside implements Runnable {
        private final byte[] bytes;
        private final boolean endsInput;
        private volatile int written;
        private volatile boolean done;
        private volatile @Nullable IOException failure;

        private Aside(byte[] bytes, boolean endsInput) {
            this.bytes = bytes;
            this.endsInput = endsInput;
        }

        @Override
        public void run() {
            try {
                for (int from = 0; from < bytes.length; from += WRITE_BYTES) {
                    int to = Math.min(bytes.length, from + WRITE_BYTES);
                    kapacitor.write(Arrays.copyOfRange(bytes, from, to));
                    written = to;
                }
                if (endsInput) {
                    kapacitor.endInput();
                }
            } catch (IOException e) {
                failure = e;
            }
            done = true;
        }

        /** Waits until everything is written, or until writing has made no progress for a while. */
        void awaitStuck() {
            awaitStill(() -> written, () -> done, STUCK_LOOKS);
        }

        boolean done() {
            return done;
        }

        /** Whether the agent closed its side before everything was written. */
        boolean refused() {
            return failure != null;
        }
    }

    Aside writeAside(byte[] bytes, boolean endsInput) {
        aside = new Aside(bytes, endsInput);
        Thread thread = new Thread(aside, "check-writer");
        thread.setDaemon(true);
        thread.start();
        return aside;
    }

    /**
     * Waits a little, so that the agent can handle what was written: a write returns long before the agent has handled
     * the data.
     */
    void letWork() {
        LockSupport.parkNanos(WORK_NANOS);
    }

    // Requests and answers

    /**
     * Waits for a condition. Like Kapacitor's keepalive, fails if the agent sends no response of any kind within the
     * timeout.
     */
    void await(BooleanSupplier condition, Supplier<String> what) {
        if (!kapacitor.await(condition, timeout)) {
            throw failure(what.get());
        }
        judge();
    }

    /** Waits for answer {@code number} of this kind, and returns it. The first answer is number 1. */
    Response awaitAnswer(MessageCase kind, int number) {
        await(() -> kapacitor.count(kind) >= number, () -> name(kind) + " was not answered");
        return kapacitor.answers(kind).get(number - 1);
    }

    Response ask(Request request, MessageCase kind) {
        int before = kapacitor.count(kind);
        send(request);
        return awaitAnswer(kind, before + 1);
    }

    InfoResponse info() {
        return ask(INFO, MessageCase.INFO).getInfo();
    }

    InitResponse init(Collection<Option> options) {
        return ask(initRequest("task", options), MessageCase.INIT).getInit();
    }

    ByteString snapshot() {
        return ask(SNAPSHOT, MessageCase.SNAPSHOT).getSnapshot().getSnapshot();
    }

    RestoreResponse restore(ByteString snapshot) {
        return ask(
                        Request.newBuilder()
                                .setRestore(RestoreRequest.newBuilder().setSnapshot(snapshot))
                                .build(),
                        MessageCase.RESTORE)
                .getRestore();
    }

    /** Sends a Keepalive, and waits for its answer. */
    void keepalive() {
        keepalive(nextKeepalive());
    }

    /** Sends a Keepalive, and waits for its answer. */
    void keepalive(Request request) {
        int before = kapacitor.count(MessageCase.KEEPALIVE);
        send(request);
        awaitKeepalive(request, before);
    }

    /**
     * Returns a Keepalive with a time that is half a timeout after that of the previous Keepalive, because an agent may
     * learn the timeout from this interval.
     */
    Request nextKeepalive() {
        long steps = Math.max(1, timeout.toNanos() / 2 >> KEEPALIVE_ZERO_BITS);
        return keepalive(FIRST_KEEPALIVE_NANOS + (++keepalives * steps << KEEPALIVE_ZERO_BITS));
    }

    void awaitKeepalive(Request request, int before) {
        long time = request.getKeepalive().getTime();
        await(
                () -> kapacitor.hasKeepalive(time),
                () -> kapacitor.count(MessageCase.KEEPALIVE) > before
                        ? "Keepalive was answered with another time than " + time
                        : "Keepalive was not answered");
    }

    static Request keepalive(long time) {
        return Request.newBuilder()
                .setKeepalive(KeepaliveRequest.newBuilder().setTime(time))
                .build();
    }

    static Request initRequest(String taskId, Collection<Option> options) {
        return Request.newBuilder()
                .setInit(InitRequest.newBuilder()
                        .setTaskID(taskId)
                        .setNodeID("check2")
                        .addAllOptions(options))
                .build();
    }

    // Data

    /** Waits until this many begins, points and ends have been received. */
    void awaitData(long messages) {
        await(
                () -> kapacitor.data().messages() >= messages,
                () -> "output: only " + kapacitor.data().messages() + " of " + messages + " messages were received");
    }

    /**
     * Waits until no data has arrived for a while, and the agent has then answered a Keepalive without sending more
     * data. The answer shows that the agent is not just slow.
     */
    void awaitQuiet() {
        long before;
        do {
            awaitStill(() -> kapacitor.data().messages(), kapacitor::ended, QUIET_LOOKS);
            judge();
            before = kapacitor.data().messages();
            if (!kapacitor.ended()) {
                keepalive();
            }
        } while (kapacitor.data().messages() != before);
    }

    /**
     * Waits until the counter has had the same value in a number of consecutive observations. Observations are counted
     * instead of time, because the whole machine may be suspended.
     */
    private static void awaitStill(LongSupplier moving, BooleanSupplier over, int looks) {
        long before = moving.getAsLong();
        for (int still = 0; still < looks && !over.getAsBoolean(); still++) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            long now = moving.getAsLong();
            if (now != before) {
                before = now;
                still = -1;
            }
        }
    }

    // The end

    /** Ends the input and waits for the end of the output. */
    void finish() {
        endInput();
        awaitEnd();
    }

    /** Like {@link #finish}, but first waits until no more output arrives: for cases that do not test the end. */
    void finishQuietly() {
        awaitQuiet();
        finish();
    }

    /** Like {@link #finish}; an ErrorResponse before the end is also correct. */
    void finishOrFail() {
        endInput();
        awaitEndOrError();
    }

    void awaitEnd() {
        awaitEndOrError();
        kapacitor.error().ifPresent(text -> {
            throw failure("it ended with an error");
        });
    }

    void awaitEndOrError() {
        awaitAnyEnd();
        kapacitor.broken().ifPresent(what -> {
            throw failure("its output broke off");
        });
    }

    /** Waits for the end of the output. The output may end inside a message. */
    void awaitAnyEnd() {
        if (!kapacitor.await(kapacitor::ended, timeout)) {
            throw failure("its output did not end after its input");
        }
        refuseDeath();
    }

    /** If the session is still open, ends it as Kapacitor does. Waits only briefly for the end of the output. */
    @Override
    public void close() {
        boolean writes = aside != null && !aside.done();
        if (!writes && !kapacitor.ended()) {
            kapacitor.resumeReading();
            endInput();
            long start = System.nanoTime();
            kapacitor.await(() -> kapacitor.ended() || System.nanoTime() - start > CLOSE_LIMIT.toNanos(), CLOSE_LIMIT);
        }
        drop();
    }

    /** Disconnects without ending the session. */
    void drop() {
        kapacitor.close();
    }

    // Checks

    /** Fails if the agent has sent an error, or a response that Kapacitor does not accept. */
    void judge() {
        refuseDeath();
        if (kapacitor.broken().isPresent() || kapacitor.error().isPresent()) {
            throw failure("the task ended");
        }
    }

    void refuseDeath() {
        kapacitor.death().ifPresent(why -> {
            throw new CaseFailure("kapacitord would crash: " + why);
        });
    }

    CaseFailure failure(String what) {
        List<String> text = new ArrayList<>();
        text.add(what);
        kapacitor.death().ifPresent(why -> text.add("kapacitord would crash: " + why));
        kapacitor.error().ifPresent(error -> text.add("it sent the error \"" + error + "\""));
        kapacitor.broken().ifPresent(text::add);
        if (kapacitor.ended()) {
            kapacitor.awaitGone(EXIT_LIMIT);
        }
        kapacitor.exitStatus().ifPresent(status -> text.add("exit status " + status));
        if (text.size() == 1) {
            text.add(kapacitor.ended() ? "it ended its output" : "nothing was received for " + seconds(timeout));
        }
        kapacitor.stderr().forEach(line -> text.add("STDERR: " + line));
        return new CaseFailure(String.join("; ", text));
    }

    static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    private static String name(MessageCase kind) {
        return kind.name().charAt(0) + kind.name().substring(1).toLowerCase(Locale.ROOT);
    }
}
