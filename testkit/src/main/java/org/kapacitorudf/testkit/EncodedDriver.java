package org.kapacitorudf.testkit;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.session.AgentRuntime;
import org.kapacitorudf.internal.session.Session;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.proto.RestoreResponse;
import org.kapacitorudf.proto.SnapshotRequest;

/**
 * Drives one function in the thread of its caller, with points that are bytes on both ways: for programs that give it many. A test wants a {@link UdfDriver}.
 *
 * <pre>{@code
 * driver.add(point);
 * driver.run();       // what the function emits is given to the receiver before this returns
 * }</pre>
 *
 * <p>Time is virtual: it stands still but for {@link #advance}, which runs the timers that become due, each at its time.
 *
 * <p>Threading: any thread, but one at a time; handler and receiver are called in the same thread.
 *
 * <p>Errors: {@link StandInException} when the function is not started, or has failed. After that nothing else is of use but {@link #close}.
 */
public final class EncodedDriver implements AutoCloseable {
    /**
     * Is given what the function emits.
     *
     * <p>Threading: called by the driver's caller, within its calls.
     */
    public interface Receiver {
        /** Takes a point; the bytes are the driver's, and are another point's later. */
        void point(byte[] bytes, int from, int to);

        /** Takes a batch. */
        void batch(String name, Map<String, String> tags, boolean byName, long tmaxNanos, List<byte[]> points);
    }

    private static final int REQUEST_BEGIN = 16 << 3 | 2;
    private static final int DATA_POINT = 17 << 3 | 2;
    private static final int REQUEST_END = 18 << 3 | 2;
    private static final int RESPONSE_BEGIN = REQUEST_BEGIN;
    private static final int RESPONSE_END = REQUEST_END;

    /** What the points of a batch do not have: name, database, retention policy, dimensions, by name. */
    private static final int OF_STREAMS_ALONE = 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 11;

    private static final int TAG_BYTES = 2;
    private static final int MAX_LENGTH_BYTES = 5;

    private final CallerLoop loop;
    private final CallerChannel channel = new CallerChannel();
    private final Session session;
    private final Receiver receiver;
    private final List<UdfDriver.Skip> thrown = new ArrayList<>();
    private final List<UdfDriver.Skip> skipped = new ArrayList<>();
    private byte[] given = new byte[64 * 1024];
    private int givenSize;
    private byte[] taken = new byte[64 * 1024];
    private BeginBatch begin;
    private final List<byte[]> batchPoints = new ArrayList<>();
    private Response answer;
    private String error;
    private boolean inputEnded;
    private boolean closing;

    private EncodedDriver(Udf udf, AgentConfig config, Instant startAt, Receiver receiver) {
        this.receiver = receiver;
        loop = new CallerLoop(startAt);
        AgentRuntime runtime =
                AgentRuntime.inline(config, loop, (text, cause) -> thrown.add(skip(text)), UnaryOperator.identity());
        session = loop.turn(() -> {
            Session installed = runtime.install(channel, UdfFunction.of(udf));
            loop.register(channel);
            return installed;
        });
    }

    /**
     * Starts a function.
     *
     * @param options as {@link org.kapacitorudf.client.Options} makes them
     * @param startAt the time at which its clock stands
     * @param receiver given what the function emits
     */
    public static EncodedDriver start(
            Udf udf, String task, List<Option> options, AgentConfig config, Instant startAt, Receiver receiver) {
        EncodedDriver driver = new EncodedDriver(
                udf,
                Objects.requireNonNull(config, "config"),
                Objects.requireNonNull(startAt, "startAt"),
                Objects.requireNonNull(receiver, "receiver"));
        driver.loop.turn(() -> {
            driver.init(InitRequest.newBuilder()
                    .setTaskID(task)
                    .setNodeID(udf.describe().name() + "2")
                    .addAllOptions(options)
                    .build());
            driver.thrown.clear();
            return null;
        });
        return driver;
    }

    private void init(InitRequest init) {
        InitResponse response = ask(Request.newBuilder().setInit(init).build(), MessageCase.INIT)
                .getInit();
        if (!response.getSuccess()) {
            throw new StandInException(response.getError());
        }
    }

    /**
     * Gives the function a state, as {@link #snapshot} gave it, before any data.
     *
     * @throws StandInException if it is refused
     */
    public void restore(byte[] snapshot) {
        Request request = Request.newBuilder()
                .setRestore(RestoreRequest.newBuilder().setSnapshot(ByteString.copyFrom(snapshot)))
                .build();
        RestoreResponse response =
                loop.turn(() -> ask(request, MessageCase.RESTORE)).getRestore();
        thrown.clear();
        if (!response.getSuccess()) {
            throw new StandInException(response.getError());
        }
    }

    /** Gives a point to a function that wants a stream; the next {@link #run} handles it. */
    public void add(Point point) {
        int size = point.encodedSize();
        header(DATA_POINT, size);
        point.encodedTo(this::append);
    }

    /** Gives a batch to a function that wants batches; the next {@link #run} handles it. */
    public void add(Batch batch) {
        message(
                REQUEST_BEGIN,
                BeginBatch.newBuilder()
                        .setName(batch.name())
                        .setGroup(batch.group())
                        .putAllTags(batch.tags())
                        .setSize(batch.points().size())
                        .setByName(batch.byName())
                        .build()
                        .toByteArray());
        for (Point point : batch.points()) {
            message(DATA_POINT, inBatch(point.encoded()));
        }
        message(
                REQUEST_END,
                EndBatch.newBuilder()
                        .setName(batch.name())
                        .setGroup(batch.group())
                        .setTmax(batch.tmax())
                        .putAllTags(batch.tags())
                        .build()
                        .toByteArray());
    }

    /** Copies the point's own fields to the front of its bytes, and cuts the rest. */
    private static byte[] inBatch(byte[] point) {
        int size = 0;
        int field = 0;
        while (field < point.length) {
            int end = fieldEnd(point, field);
            if ((OF_STREAMS_ALONE >>> (point[field] >>> 3) & 1) == 0) {
                System.arraycopy(point, field, point, size, end - field);
                size += end - field;
            }
            field = end;
        }
        return Arrays.copyOf(point, size);
    }

    /** Of a point's fields, whose tags are a byte, and whose values are varints and lengths. */
    private static int fieldEnd(byte[] point, int field) {
        int at = field + 1;
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            length |= shift < Integer.SIZE ? (point[at] & 0x7F) << shift : 0;
            if (point[at++] >= 0) {
                break;
            }
        }
        return (point[field] & 7) == 0 ? at : at + length;
    }

    private void message(int tag, byte[] body) {
        header(tag, body.length);
        append(body, 0, body.length);
    }

    private void header(int tag, int bodySize) {
        int size = TAG_BYTES + varintSize(bodySize) + bodySize;
        if (given.length - givenSize < size + MAX_LENGTH_BYTES) {
            given = Arrays.copyOf(given, Math.max(2 * given.length, givenSize + size + MAX_LENGTH_BYTES));
        }
        varint(size);
        varint(tag);
        varint(bodySize);
    }

    private void append(byte[] bytes, int offset, int length) {
        System.arraycopy(bytes, offset, given, givenSize, length);
        givenSize += length;
    }

    private void varint(int value) {
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            given[givenSize++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        given[givenSize++] = (byte) rest;
    }

    private static int varintSize(int value) {
        return (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(value | 1)) / 7 + 1;
    }

    /** Lets the function handle what was added, and threads of its own emit. */
    public void run() {
        loop.turn(() -> {
            handle();
            return null;
        });
        settle();
    }

    private void handle() {
        if (givenSize > 0 && !inputEnded) {
            byte[] frames = Arrays.copyOf(given, givenSize);
            givenSize = 0;
            channel.give(frames);
        }
        givenSize = 0;
        readOn();
    }

    /** The time on the function's clock. */
    public Instant now() {
        return loop.instant();
    }

    /** Sets the clock: no time passes, and no timer runs. */
    public void setClock(Instant time) {
        loop.set(time);
    }

    /** Lets time pass, and runs the timers that become due. */
    public void advance(Duration duration) {
        loop.turn(() -> {
            loop.advance(duration, this::readOn);
            return null;
        });
        settle();
    }

    /**
     * The function's state; empty if there is none.
     *
     * @throws StandInException if the function cannot give it
     */
    public byte[] snapshot() {
        Response response = loop.turn(() -> ask(
                Request.newBuilder()
                        .setSnapshot(SnapshotRequest.getDefaultInstance())
                        .build(),
                MessageCase.SNAPSHOT));
        if (error == null && !thrown.isEmpty()) {
            String text = thrown.get(0).reason();
            thrown.clear();
            throw new StandInException(text);
        }
        settle();
        return response.getSnapshot().getSnapshot().toByteArray();
    }

    /** Ends the input: the handler stops, and may still emit. */
    public void endOfInput() {
        loop.turn(() -> {
            endInput();
            return null;
        });
        settle();
    }

    /** Why points or batches have been skipped, or the handler replaced, since this was last asked. */
    public List<UdfDriver.Skip> skips() {
        List<UdfDriver.Skip> all = List.copyOf(skipped);
        skipped.clear();
        return all;
    }

    private UdfDriver.Skip skip(String text) {
        return new UdfDriver.Skip(text, session.view().counts().pointsIn());
    }

    /** What the function has counted itself, by name. */
    public Map<String, Long> counters() {
        return session.view().counts().counters();
    }

    /** How many values were not finite. */
    public long nonFinite() {
        return session.view().counts().nonFinite();
    }

    /** How often the handler has been replaced after a failure. */
    public int restarts() {
        return session.restarts();
    }

    /** Takes the place of a thread that will never come back from a call of the handler: what was emitted until then is received. */
    public void abandonCall() {
        loop.abandonTurn();
        loop.turn(() -> {
            session.flush();
            read();
            return null;
        });
    }

    /** Ends the input, and throws away what the handler still emits. */
    @Override
    public void close() {
        closing = true;
        loop.turn(() -> {
            endInput();
            return null;
        });
    }

    // Within a turn

    private Response ask(Request request, MessageCase kind) {
        answer = null;
        byte[] body = request.toByteArray();
        byte[] frame = new byte[MAX_LENGTH_BYTES + body.length];
        int before = givenSize;
        byte[] waiting = given;
        given = frame;
        givenSize = 0;
        varint(body.length);
        append(body, 0, body.length);
        byte[] whole = Arrays.copyOf(given, givenSize);
        given = waiting;
        givenSize = before;
        channel.give(whole);
        readOn();
        if (answer == null || answer.getMessageCase() != kind) {
            throw new StandInException(error != null ? error : kind + ": no answer");
        }
        return answer;
    }

    private void endInput() {
        if (!inputEnded) {
            inputEnded = true;
            channel.endInput();
            readOn();
        }
    }

    private void readOn() {
        loop.runTasks();
        read();
        if (error != null) {
            endInput();
        }
    }

    private void read() {
        int size = 0;
        for (int count = channel.take(taken, 0, taken.length); count >= 0; ) {
            size += count;
            if (size == taken.length) {
                taken = Arrays.copyOf(taken, 2 * size);
            }
            count = channel.take(taken, size, taken.length - size);
        }
        int at = 0;
        while (at < size) {
            int length = varintAt(at);
            at = varintEnd(at);
            take(at, at + length);
            at += length;
        }
    }

    private void take(int from, int to) {
        if (error != null) {
            return;
        }
        int tag = to - from < TAG_BYTES ? 0 : varintAt(from);
        try {
            if (tag == DATA_POINT) {
                int body = varintEnd(varintEnd(from));
                if (begin != null) {
                    batchPoints.add(Arrays.copyOfRange(taken, body, to));
                } else if (!closing) {
                    receiver.point(taken, body, to);
                }
            } else if (tag == RESPONSE_BEGIN) {
                begin = Response.parser().parseFrom(taken, from, to - from).getBegin();
            } else if (tag == RESPONSE_END) {
                end(Response.parser().parseFrom(taken, from, to - from).getEnd());
            } else {
                answered(Response.parser().parseFrom(taken, from, to - from));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new StandInException("protocol: a response is malformed: " + e.getMessage());
        }
    }

    private void end(EndBatch end) {
        if (!closing) {
            receiver.batch(end.getName(), end.getTagsMap(), begin.getByName(), end.getTmax(), List.copyOf(batchPoints));
        }
        begin = null;
        batchPoints.clear();
    }

    private void answered(Response response) {
        switch (response.getMessageCase()) {
            case ERROR -> error = response.getError().getError();
            case INIT, RESTORE, SNAPSHOT -> answer = response;
            default -> {}
        }
    }

    private int varintAt(int position) {
        int value = 0;
        int at = position;
        for (int shift = 0; ; shift += 7) {
            byte next = taken[at++];
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private int varintEnd(int position) {
        int at = position;
        while (taken[at] < 0) {
            at++;
        }
        return at + 1;
    }

    /** Tells what was skipped from what has ended the function, and says the latter. */
    private void settle() {
        for (UdfDriver.Skip next : thrown) {
            if (error == null || !error.endsWith(next.reason())) {
                skipped.add(next);
            }
        }
        thrown.clear();
        if (error != null && !closing) {
            throw new StandInException("the function has failed: " + error);
        }
    }
}
