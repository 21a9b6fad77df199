package org.kapacitorudf.tools.conformance;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EdgeType;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.ErrorResponse;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.KeepaliveResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.OptionInfo;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.RestoreResponse;
import org.kapacitorudf.proto.SnapshotResponse;
import org.kapacitorudf.proto.ValueType;

/**
 * A correct agent in few lines, which numbers points. Agents with defects override its methods.
 *
 * <p>Threading: a thread for each session, and one that writes.
 */
class RightAgent {
    static final int MAX_FRAME_BYTES = 64 << 20;

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final ByteString MAGIC = ByteString.copyFromUtf8("RIGHT");
    private static final byte[] END_OF_OUTPUT = {};

    private static final int MAX_QUEUED = 5_000;

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** How often output may have made no progress: eight seconds, and more on a machine that also slows the reader. */
    private static final int LOOKS_IN_VAIN = 7_500;

    final EdgeType edge;
    final LinkedBlockingDeque<byte[]> output = new LinkedBlockingDeque<>();
    final byte[] buffer = new byte[BUFFER_BYTES];
    int position;
    int limit;

    AgentServer server;
    ByteChannel channel;
    volatile long written;

    boolean initialized;
    boolean refused;
    int requests;
    int points;
    long count;
    boolean hasState;
    BeginBatch begin;
    List<Point> batch = new ArrayList<>();

    RightAgent(EdgeType edge) {
        this.edge = edge;
    }

    final void converse(AgentServer ofServer, ByteChannel with) throws Exception {
        server = ofServer;
        channel = with;
        Thread writer = new Thread(this::writeAll, "right-writer");
        writer.setDaemon(true);
        writer.start();
        try {
            for (byte[] body = frame(); body != null; body = frame()) {
                requests++;
                handle(body);
            }
            endOfInput();
        } catch (MalformedException e) {
            malformed(e.getMessage());
        } catch (EOFException e) {
            truncated();
        }
        output.add(END_OF_OUTPUT);
        awaitProgress(() -> !writer.isAlive());
    }

    /** The input is invalid. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    // Reading

    byte[] frame() throws Exception {
        if (position == limit && !fill()) {
            return null;
        }
        long length = length();
        if (length < 0 || length > MAX_FRAME_BYTES) {
            tooLong(length);
        }
        return body((int) length);
    }

    boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, channel.read(ByteBuffer.wrap(buffer)));
        return limit > 0;
    }

    long length() throws Exception {
        long length = 0;
        for (int i = 0; i < 10; i++) {
            if (position == limit && !fill()) {
                throw endInLength();
            }
            byte b = buffer[position++];
            length |= (long) (b & 0x7F) << 7 * i;
            if (b >= 0) {
                return length;
            }
        }
        endless();
        return 0;
    }

    byte[] body(int length) throws Exception {
        byte[] body = new byte[length];
        int filled = 0;
        while (filled < length) {
            if (position == limit && !fill()) {
                throw endInBody();
            }
            int part = Math.min(length - filled, limit - position);
            System.arraycopy(buffer, position, body, filled, part);
            position += part;
            filled += part;
        }
        return body;
    }

    void tooLong(long length) throws Exception {
        throw new MalformedException("frame: " + length + " bytes (expected: <= " + MAX_FRAME_BYTES + ")");
    }

    void endless() throws Exception {
        throw new MalformedException("length: more than 10 bytes");
    }

    EOFException endInLength() {
        return new EOFException("in a length");
    }

    EOFException endInBody() {
        return new EOFException("in a body");
    }

    // Requests

    void handle(byte[] body) throws Exception {
        Request request;
        try {
            request = Request.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            unparsable(e);
            return;
        }
        switch (request.getMessageCase()) {
            case INFO -> info();
            case INIT -> init(request.getInit());
            case KEEPALIVE -> keepalive(request.getKeepalive().getTime());
            case SNAPSHOT -> snapshot();
            case RESTORE -> restore(request.getRestore().getSnapshot());
            case BEGIN, POINT, END -> {
                if (initialized) {
                    data(request);
                } else {
                    dataTooEarly();
                }
            }
            case MESSAGE_NOT_SET -> unknown(body);
        }
    }

    void unparsable(InvalidProtocolBufferException e) throws Exception {
        throw new MalformedException("request: " + e.getMessage());
    }

    void unknown(byte[] body) throws Exception {}

    void dataTooEarly() throws Exception {}

    void info() throws Exception {
        send(Response.newBuilder().setInfo(description()));
    }

    InfoResponse.Builder description() {
        return InfoResponse.newBuilder()
                .setWants(edge)
                .setProvides(edge)
                .putOptions(
                        "label",
                        OptionInfo.newBuilder().addValueTypes(ValueType.STRING).build())
                .putOptions(
                        "factor",
                        OptionInfo.newBuilder().addValueTypes(ValueType.DOUBLE).build());
    }

    void init(InitRequest init) throws Exception {
        String problem = problem(init.getOptionsList());
        initialized = problem.isEmpty();
        refused = !initialized;
        send(Response.newBuilder()
                .setInit(InitResponse.newBuilder().setSuccess(initialized).setError(problem)));
    }

    String problem(List<Option> options) throws Exception {
        for (Option option : options) {
            OptionInfo declared = description().getOptionsMap().get(option.getName());
            if (declared == null) {
                return unknownOption(option.getName());
            }
            if (option.getValuesCount() != 1) {
                return wrongCount(option);
            }
            if (option.getValues(0).getValueCase() == OptionValue.ValueCase.VALUE_NOT_SET) {
                return unset(option);
            }
            if (option.getValues(0).getType() != declared.getValueTypes(0)) {
                return wrongType(option);
            }
        }
        return options.stream().anyMatch(option -> option.getName().equals("label")) ? "" : noLabel();
    }

    String unknownOption(String name) throws Exception {
        return name + ": unknown";
    }

    String wrongCount(Option option) throws Exception {
        return option.getName() + ": " + option.getValuesCount() + " arguments (expected: 1)";
    }

    String unset(Option option) throws Exception {
        return option.getName() + ": not a literal";
    }

    String wrongType(Option option) throws Exception {
        return option.getName() + ": " + option.getValues(0).getType();
    }

    String noLabel() throws Exception {
        return "label: missing";
    }

    void keepalive(long time) throws Exception {
        send(Response.newBuilder().setKeepalive(KeepaliveResponse.newBuilder().setTime(time)));
    }

    void snapshot() throws Exception {
        send(Response.newBuilder().setSnapshot(SnapshotResponse.newBuilder().setSnapshot(state())));
    }

    ByteString state() {
        return hasState ? encoded(count) : ByteString.EMPTY;
    }

    static ByteString encoded(long count) {
        byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(count).array();
        CRC32 crc = new CRC32();
        crc.update(number);
        return MAGIC.concat(ByteString.copyFrom(number))
                .concat(ByteString.copyFrom(
                        ByteBuffer.allocate(Long.BYTES).putLong(crc.getValue()).array()));
    }

    void restore(ByteString snapshot) throws Exception {
        String problem = "";
        if (snapshot.isEmpty()) {
            problem = emptySnapshot();
        } else if (!snapshot.startsWith(MAGIC)) {
            problem = foreignSnapshot(snapshot);
        } else if (snapshot.size() != encoded(0).size()
                || !encoded(number(snapshot)).equals(snapshot)) {
            problem = damagedSnapshot();
        } else {
            restored(number(snapshot));
        }
        answerRestore(problem);
    }

    void answerRestore(String problem) throws Exception {
        send(Response.newBuilder()
                .setRestore(RestoreResponse.newBuilder()
                        .setSuccess(problem.isEmpty())
                        .setError(problem)));
    }

    void restored(long number) {
        count = number;
        hasState = true;
    }

    private static long number(ByteString snapshot) {
        return snapshot.substring(MAGIC.size()).asReadOnlyByteBuffer().getLong();
    }

    String emptySnapshot() throws Exception {
        return "";
    }

    String foreignSnapshot(ByteString snapshot) throws Exception {
        return "snapshot: foreign";
    }

    String damagedSnapshot() throws Exception {
        return "snapshot: damaged";
    }

    // Data

    void data(Request request) throws Exception {
        hasState = true;
        switch (request.getMessageCase()) {
            case BEGIN -> begin(request.getBegin());
            case POINT -> {
                points++;
                point(request.getPoint());
            }
            default -> end(request.getEnd());
        }
    }

    void begin(BeginBatch next) throws Exception {
        begin = next;
        batch = new ArrayList<>();
    }

    void point(Point point) throws Exception {
        Point numbered = numbered(point);
        if (begin == null) {
            send(Response.newBuilder().setPoint(numbered));
        } else {
            batch.add(numbered);
        }
    }

    Point numbered(Point point) {
        return point.toBuilder().putFieldsInt("n", ++count).build();
    }

    void end(EndBatch end) throws Exception {
        sendBegin();
        for (Point point : batch) {
            send(Response.newBuilder().setPoint(point));
        }
        send(Response.newBuilder().setEnd(end));
        begin = null;
    }

    void sendBegin() throws Exception {
        send(Response.newBuilder().setBegin(begin.toBuilder().setSize(batch.size())));
    }

    // Writing

    void send(Response.Builder response) throws Exception {
        output.add(encoded(response));
        if (output.size() > MAX_QUEUED) {
            awaitProgress(() -> output.size() <= MAX_QUEUED);
        }
    }

    byte[] encoded(Response.Builder response) {
        return Frames.encode(response.build());
    }

    void error(String text) throws Exception {
        send(Response.newBuilder().setError(ErrorResponse.newBuilder().setError(text)));
    }

    private void writeAll() {
        try {
            for (byte[] next = output.take(); next != END_OF_OUTPUT; next = output.take()) {
                ByteBuffer bytes = ByteBuffer.wrap(next);
                while (bytes.hasRemaining()) {
                    written += channel.write(bytes);
                }
            }
        } catch (IOException e) {
            readerGone();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void readerGone() {}

    // The end

    void endOfInput() throws Exception {}

    void truncated() throws Exception {}

    /** Sends an error, and reads until the input ends, because closing immediately would lose the text. */
    void malformed(String what) throws Exception {
        error(what);
        while (fill()) {
            position = limit;
        }
    }

    private void awaitProgress(BooleanSupplier done) throws Exception {
        long before = written;
        int looks = 0;
        while (!done.getAsBoolean()) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            looks = written == before ? looks + 1 : 0;
            before = written;
            if (looks > LOOKS_IN_VAIN) {
                stalled();
            }
        }
    }

    /** The other side no longer reads. */
    void stalled() throws Exception {
        leave();
    }

    /** Does nothing until the server of the test ends. */
    void hang() throws InterruptedException {
        server.awaitClose();
    }

    /** Disconnects without ending the session. */
    void leave() throws IOException {
        channel.close();
        throw new IOException("left");
    }
}
