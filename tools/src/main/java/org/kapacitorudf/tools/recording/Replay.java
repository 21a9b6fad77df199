package org.kapacitorudf.tools.recording;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.proto.ErrorResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;

/**
 * Sends the recorded requests of Kapacitor to an agent, and compares the responses.
 *
 * <p>It waits where Kapacitor waits, for the answers to Info, Init, Restore and Snapshot; it sends the recorded
 * keepalives, and ends the agent's input.
 *
 * <p>Threading: one thread.
 */
public final class Replay {
    private static final int MAX_REQUESTS_AT_ONCE = 1000;

    private final RecordedConversation conversation;
    private final Comparison comparison;
    private final boolean atRecordedPace;
    private final Duration limit;
    private final List<Request> data = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private boolean refused;
    private long points;
    private long startNanos;

    /** Opens the connection, or starts the process, for the replay. */
    public interface Opening {
        Kapacitor open(Kapacitor.Builder kapacitor) throws IOException;
    }

    /**
     * The result of a replay.
     *
     * @param points the number of points that were sent
     * @param same a summary of the responses that are the same
     * @param differences the responses that differ, as lines of {@code -} (recorded) and {@code +} (now)
     * @param notes irregularities of the recording, and output that is a problem for Kapacitor
     */
    public record Outcome(long points, String same, List<String> differences, List<String> notes) {}

    /**
     * @param limit how long to wait for an answer, or for reading to make progress
     * @param tolerance the maximum relative difference between doubles
     * @param maxDifferences the number of differences after which to stop
     */
    public Replay(
            RecordedConversation conversation,
            boolean atRecordedPace,
            Duration limit,
            double tolerance,
            int maxDifferences) {
        this.conversation = conversation;
        this.atRecordedPace = atRecordedPace;
        this.limit = limit;
        this.comparison = new Comparison(tolerance, maxDifferences);
    }

    /**
     * Runs the replay.
     *
     * @throws IOException if the agent is unavailable, or the recording cannot be read
     */
    public Outcome play(Opening opening) throws IOException {
        Kapacitor.Builder builder = Kapacitor.builder()
                .keepalives(false)
                .deadline(limit)
                .countOnly()
                .afterAbort(Kapacitor.AfterAbort.READ_ON)
                .onResponse(this::came);
        List<String> notes = new ArrayList<>();
        try (Kapacitor kapacitor = opening.open(builder)) {
            startNanos = System.nanoTime();
            try {
                play(kapacitor);
                send(kapacitor);
                kapacitor.closeInput();
                kapacitor.awaitEnd(limit);
            } catch (StandInException e) {
                failed(kapacitor, e);
            }
            kapacitor
                    .error()
                    .ifPresent(text -> comparison.came(Response.newBuilder()
                            .setError(ErrorResponse.newBuilder().setError(text))
                            .build()));
            kapacitor.death().ifPresent(why -> problems.add("kapacitord would crash: " + why));
            notes.addAll(kapacitor.warnings());
        }
        readOn();
        if (!comparison.isStopped()) {
            comparison.finish(!conversation.hasAllResponses());
        }
        notes.addAll(conversation.notes());
        List<String> differences = new ArrayList<>(comparison.differences());
        differences.addAll(problems);
        return new Outcome(points, comparison.same(), differences, notes);
    }

    /**
     * Adds a failure to the problems, unless the agent has sent an error, which explains the failure. Waits for the end
     * of the output first, because the error may still be in transit.
     */
    private void failed(Kapacitor kapacitor, StandInException failure) {
        try {
            kapacitor.abort();
            kapacitor.awaitEnd(limit);
        } catch (StandInException e) {
            // The first failure is sufficient.
        }
        if (kapacitor.error().isEmpty()) {
            problems.add(failure.getMessage());
        }
    }

    /**
     * Compares a response. An error is compared at the end of the replay instead, because it may be read only after a
     * write has failed.
     */
    private void came(Response response) {
        if (!response.hasError()) {
            comparison.came(response);
        }
    }

    private void play(Kapacitor kapacitor) throws IOException {
        for (RecordingEntry next = conversation.next(); next != null; next = conversation.next()) {
            if (next.kind() == EntryKind.RESPONSE) {
                expect(next);
            } else if (next.kind() == EntryKind.REQUEST) {
                if (atRecordedPace) {
                    send(kapacitor);
                    pause(next.nanos());
                }
                request(kapacitor, next);
            }
            if (refused || comparison.isStopped()) {
                return;
            }
        }
    }

    /** Reads the rest of the recording, because its responses are also expected if the agent has ended early. */
    private void readOn() throws IOException {
        for (RecordingEntry next = conversation.next();
                next != null && !comparison.isStopped();
                next = conversation.next()) {
            if (next.kind() == EntryKind.RESPONSE) {
                expect(next);
            }
        }
    }

    private void expect(RecordingEntry entry) {
        try {
            comparison.expect(Response.parseFrom(entry.bytes()));
        } catch (InvalidProtocolBufferException e) {
            problems.add("recorded: no response, " + entry.bytes().length + " bytes: " + e.getMessage());
        }
    }

    private void request(Kapacitor kapacitor, RecordingEntry entry) {
        Request request;
        try {
            request = Request.parseFrom(entry.bytes());
        } catch (InvalidProtocolBufferException e) {
            problems.add("recorded: no request, " + entry.bytes().length + " bytes: " + e.getMessage());
            return;
        }
        switch (request.getMessageCase()) {
            case BEGIN, POINT, END, KEEPALIVE, MESSAGE_NOT_SET -> {
                points += request.hasPoint() ? 1 : 0;
                data.add(request);
                if (data.size() == MAX_REQUESTS_AT_ONCE) {
                    send(kapacitor);
                }
            }
            default -> {
                send(kapacitor);
                ask(kapacitor, request);
            }
        }
    }

    private void ask(Kapacitor kapacitor, Request request) {
        switch (request.getMessageCase()) {
            case INFO -> kapacitor.info();
            case INIT -> refused = !init(kapacitor, request.getInit()).getSuccess();
            case SNAPSHOT -> kapacitor.snapshot();
            default ->
                refused = !kapacitor.restore(request.getRestore().getSnapshot()).getSuccess();
        }
    }

    private static InitResponse init(Kapacitor kapacitor, InitRequest init) {
        return kapacitor.init(
                init.getTaskID(), init.getNodeID(), init.getOptionsList().toArray(Option[]::new));
    }

    private void send(Kapacitor kapacitor) {
        if (!data.isEmpty()) {
            kapacitor.sendRequests(data);
            data.clear();
        }
    }

    private void pause(long recordedNanos) {
        long left = recordedNanos - (System.nanoTime() - startNanos);
        while (left > TimeUnit.MILLISECONDS.toNanos(1)) {
            LockSupport.parkNanos(left);
            left = recordedNanos - (System.nanoTime() - startNanos);
        }
    }
}
