package org.kapacitorudf.tools.conformance;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.kapacitorudf.proto.EdgeType;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.RestoreResponse;

/**
 * Agents with a single defect. Each is as narrow as the case that should detect it, so that a failed case identifies
 * the problem.
 */
final class Defects {
    private static final int LOAD = 1_000;
    private static final int HOLD_MILLIS = 2_000;
    private static final int COLLECTED = 64;
    private static final int CUT_BY_THE_SYSTEM = 8 * 1024;

    private static final List<Defect> ALL = new ArrayList<>();

    private Defects() {}

    static List<Defect> all() {
        return ALL;
    }

    private static class Stream extends RightAgent {
        Stream() {
            super(EdgeType.STREAM);
        }
    }

    private static class Batches extends RightAgent {
        Batches() {
            super(EdgeType.BATCH);
        }
    }

    private static void agent(String name, String fails, Supplier<RightAgent> agent) {
        agent(name, fails, "", agent);
    }

    private static void agent(String name, String fails, String mayFail, Supplier<RightAgent> agent) {
        ALL.add(new Defect(name, names(fails), names(mayFail), () -> new AgentServer(agent), List.of()));
    }

    private static void server(String name, String fails, Supplier<AgentServer> server) {
        ALL.add(new Defect(name, names(fails), Set.of(), server, List.of()));
    }

    private static void process(String name, String fails, String mayFail, List<String> command) {
        ALL.add(new Defect(name, names(fails), names(mayFail), null, command));
    }

    private static Set<String> names(String names) {
        return names.isEmpty() ? Set.of() : new LinkedHashSet<>(Arrays.asList(names.split(" ")));
    }

    static {
        agent("does not answer Info", "info", () -> new Stream() {
            @Override
            void info() {}
        });
        agent("waits for Init after Info", "info-then-end", () -> new Stream() {
            private boolean asked;

            @Override
            void info() throws Exception {
                asked = true;
                super.info();
            }

            @Override
            void endOfInput() throws Exception {
                if (asked && !initialized) {
                    hang();
                }
            }
        });
        agent("answers Info once", "info-repeated", () -> new Stream() {
            private boolean asked;

            @Override
            void info() throws Exception {
                if (!asked) {
                    super.info();
                }
                asked = true;
            }
        });
        agent("waits for a first request", "nothing-then-end", () -> new Stream() {
            @Override
            void endOfInput() throws Exception {
                if (requests == 0) {
                    hang();
                }
            }
        });
        agent("refuses its own options", "init", () -> new Stream() {
            @Override
            String problem(List<Option> options) {
                return "no";
            }
        });
        agent("does not answer when an option is missing", "init-no-options", () -> new Stream() {
            @Override
            String noLabel() throws Exception {
                leave();
                return "";
            }
        });
        agent("does not answer an unset value", "init-unset-value", () -> new Stream() {
            @Override
            String unset(Option option) throws Exception {
                leave();
                return "";
            }
        });
        agent("does not answer a value of another type", "init-wrong-type", () -> new Stream() {
            @Override
            String wrongType(Option option) throws Exception {
                leave();
                return "";
            }
        });
        agent("does not answer an option without arguments", "init-no-arguments", () -> new Stream() {
            @Override
            String wrongCount(Option option) throws Exception {
                leave();
                return "";
            }
        });
        agent("does not answer an unknown option", "init-unknown-option", () -> new Stream() {
            @Override
            String unknownOption(String option) throws Exception {
                leave();
                return "";
            }
        });
        agent("refuses an Init without a word", "init-refusal-text", () -> new Stream() {
            @Override
            void init(InitRequest init) throws Exception {
                if (problem(init.getOptionsList()).isEmpty()) {
                    super.init(init);
                } else {
                    send(Response.newBuilder().setInit(InitResponse.getDefaultInstance()));
                }
            }
        });
        agent("does not end after an Init that it refused", "init-refused-then-end", () -> new Stream() {
            @Override
            void endOfInput() throws Exception {
                if (refused) {
                    hang();
                }
            }
        });
        agent("ignores a second Init", "init-twice", () -> new Stream() {
            @Override
            void init(InitRequest init) throws Exception {
                if (!initialized) {
                    super.init(init);
                }
            }
        });
        agent("waits for Init after data", "data-before-init", () -> new Stream() {
            @Override
            void dataTooEarly() throws Exception {
                hang();
            }
        });

        agent("takes what one read gives for a whole body", "split-body one-byte", () -> new Stream() {
            private int read;

            @Override
            boolean fill() throws IOException {
                boolean more = super.fill();
                read += limit;
                return more;
            }

            @Override
            byte[] body(int length) throws Exception {
                // Larger reads are cut by the system anyway, which these cases do not test.
                if (read > CUT_BY_THE_SYSTEM) {
                    return super.body(length);
                }
                byte[] body = new byte[length];
                int first = Math.min(length, limit - position);
                System.arraycopy(buffer, position, body, 0, first);
                position += first;
                if (first < length) {
                    if (!fill()) {
                        throw new EOFException();
                    }
                    int second = Math.min(length - first, first == 0 ? limit : 0);
                    System.arraycopy(buffer, 0, body, first, second);
                    position = second;
                }
                return body;
            }
        });
        agent("takes what there is of the first length for all of it", "split-length", () -> new Stream() {
            @Override
            long length() throws Exception {
                if (!initialized && limit - position == 1 && buffer[position] < 0) {
                    return buffer[position++] & 0x7F;
                }
                return super.length();
            }
        });
        agent("gives a frame up after ten reads", "one-byte", () -> new Stream() {
            private int reads;

            @Override
            byte[] frame() throws Exception {
                reads = 0;
                return super.frame();
            }

            @Override
            byte[] body(int length) throws Exception {
                byte[] body = super.body(length);
                if (length < 4096 && reads > 10) {
                    throw new MalformedException("too slow");
                }
                return body;
            }

            @Override
            boolean fill() throws IOException {
                reads++;
                return super.fill();
            }
        });
        agent("forgets what was read after Init", "many-per-write", () -> new Stream() {
            @Override
            void init(InitRequest init) throws Exception {
                super.init(init);
                position = limit;
            }
        });
        agent("takes an empty frame for the end", "empty-frame", () -> new Stream() {
            @Override
            void unknown(byte[] body) throws Exception {
                if (body.length == 0) {
                    leave();
                }
            }
        });
        agent("answers an unknown message with an empty one", "unknown-message", () -> new Stream() {
            @Override
            void unknown(byte[] body) throws Exception {
                if (body.length > 0) {
                    send(Response.newBuilder());
                }
            }
        });
        agent("refuses unknown fields", "unknown-fields", () -> new Stream() {
            @Override
            void handle(byte[] body) throws Exception {
                if (isMoreThanKnown(body)) {
                    leave();
                }
                super.handle(body);
            }

            private boolean isMoreThanKnown(byte[] body) {
                try {
                    Request request = Request.parseFrom(body);
                    return request.getMessageCase() != Request.MessageCase.MESSAGE_NOT_SET
                            && !request.getUnknownFields().asMap().isEmpty();
                } catch (InvalidProtocolBufferException e) {
                    return false;
                }
            }
        });

        agent("answers three Keepalives in a row", "keepalive-idle", () -> new Stream() {
            private int idle;

            @Override
            void keepalive(long time) throws Exception {
                idle = points == 0 && position == limit ? idle + 1 : 0;
                if (idle <= 3) {
                    super.keepalive(time);
                }
            }
        });
        agent("answers no Keepalive before Init", "keepalive-before-init", () -> new Stream() {
            @Override
            void keepalive(long time) throws Exception {
                if (initialized) {
                    super.keepalive(time);
                }
            }
        });
        agent("has time as a double", "keepalive-time", () -> new Stream() {
            @Override
            void keepalive(long time) throws Exception {
                super.keepalive((long) (double) time);
            }
        });
        agent("answers no Keepalive inside a batch", "keepalive-in-batch split-body", () -> new Batches() {
            @Override
            void keepalive(long time) throws Exception {
                if (begin == null) {
                    super.keepalive(time);
                }
            }
        });
        agent("answers no Keepalive under load", "keepalive-under-load", () -> new Stream() {
            @Override
            void keepalive(long time) throws Exception {
                if (points < LOAD || position == limit) {
                    super.keepalive(time);
                }
            }
        });
        agent("answers no Keepalive while its handler is busy", "keepalive-busy", () -> new Stream() {
            @Override
            void point(Point point) throws Exception {
                if (point.getFieldsDoubleCount() > 10_000) {
                    hang();
                }
                super.point(point);
            }
        });
        agent("drops what is not read", "keepalive-unread", "keepalive-under-load", () -> new Stream() {
            @Override
            void keepalive(long time) throws Exception {
                if (output.size() < LOAD) {
                    super.keepalive(time);
                }
            }
        });

        agent("gives no snapshot after data", "snapshot", () -> new Stream() {
            @Override
            void snapshot() throws Exception {
                if (!hasState) {
                    super.snapshot();
                }
            }
        });
        agent("gives a snapshot of nothing", "snapshot-fresh", () -> new Stream() {
            @Override
            ByteString state() {
                return encoded(count);
            }
        });
        agent("answers two requests for a snapshot at once", "snapshot-repeated", () -> new Stream() {
            @Override
            void snapshot() throws Exception {
                if (position == limit || buffer[position] != 2) {
                    super.snapshot();
                }
            }
        });
        agent("waits with a snapshot for the end of the batch", "snapshot-in-batch", () -> new Batches() {
            private boolean asked;

            @Override
            void snapshot() throws Exception {
                asked = begin != null;
                if (!asked) {
                    super.snapshot();
                }
            }

            @Override
            void end(EndBatch end) throws Exception {
                super.end(end);
                if (asked) {
                    snapshot();
                }
            }
        });
        agent("gives no snapshot under load", "snapshot-busy", () -> new Stream() {
            @Override
            void snapshot() throws Exception {
                if (points < LOAD || position == limit) {
                    super.snapshot();
                }
            }
        });
        agent("restores less than it saved", "restore-same", () -> new Stream() {
            private boolean untouched;

            @Override
            void restored(long number) {
                super.restored(number);
                untouched = true;
            }

            @Override
            void point(Point point) throws Exception {
                untouched = false;
                super.point(point);
            }

            @Override
            ByteString state() {
                return untouched ? encoded(count - 1) : super.state();
            }
        });
        agent("starts again after Restore", "restore-goes-on", () -> new Stream() {
            @Override
            void point(Point point) throws Exception {
                count = points == 1 ? 0 : count;
                super.point(point);
            }
        });
        agent("takes no Restore after a snapshot", "restore-after-snapshot", () -> new Stream() {
            private boolean asked;

            @Override
            void snapshot() throws Exception {
                asked = true;
                super.snapshot();
            }

            @Override
            void answerRestore(String problem) throws Exception {
                super.answerRestore(asked ? "too late" : problem);
            }
        });
        agent("refuses an empty snapshot", "restore-empty", () -> new Stream() {
            @Override
            String emptySnapshot() {
                return "snapshot: empty";
            }
        });
        agent("does not answer a damaged snapshot", "restore-damaged", () -> new Stream() {
            @Override
            String damagedSnapshot() throws Exception {
                leave();
                return "";
            }
        });
        agent("does not answer a foreign snapshot", "restore-foreign", () -> new Stream() {
            @Override
            String foreignSnapshot(ByteString snapshot) throws Exception {
                if (snapshot.size() > LOAD) {
                    leave();
                }
                return super.foreignSnapshot(snapshot);
            }
        });
        agent("refuses a snapshot without a word", "restore-refusal-text", () -> new Stream() {
            @Override
            void answerRestore(String problem) throws Exception {
                if (problem.isEmpty()) {
                    super.answerRestore(problem);
                } else {
                    send(Response.newBuilder().setRestore(RestoreResponse.getDefaultInstance()));
                }
            }
        });

        agent("fails at the first point", "data", () -> new Stream() {
            @Override
            void point(Point point) throws Exception {
                error("no such field");
            }
        });
        agent("sends when it is asked for something", "output-prompt", () -> new Stream() {
            private final List<Response.Builder> held = new ArrayList<>();

            @Override
            void send(Response.Builder response) throws Exception {
                if (response.hasPoint()) {
                    held.add(response);
                } else {
                    flush();
                    super.send(response);
                }
            }

            @Override
            void endOfInput() throws Exception {
                flush();
            }

            private void flush() throws Exception {
                for (Response.Builder response : held) {
                    super.send(response);
                }
                held.clear();
            }
        });
        agent("gives one name to two fields", "output-rules", () -> new Stream() {
            @Override
            Point numbered(Point point) {
                return super.numbered(point).toBuilder().putFieldsDouble("n", 1).build();
            }
        });
        agent("says that it gives batches, and gives points", "output-edge", () -> new Stream() {
            @Override
            InfoResponse.Builder description() {
                return super.description().setProvides(EdgeType.BATCH);
            }
        });
        agent("answers Init twice", "answers-once", () -> new Stream() {
            @Override
            void init(InitRequest init) throws Exception {
                super.init(init);
                super.init(init);
            }
        });

        agent("ends an empty batch that it did not begin", "batch-empty", () -> new Batches() {
            @Override
            void sendBegin() throws Exception {
                if (!batch.isEmpty()) {
                    super.sendBegin();
                }
            }
        });
        agent("fails with one point", "batch-one", () -> new Batches() {
            @Override
            void sendBegin() throws Exception {
                if (batch.size() == 1) {
                    leave();
                }
                super.sendBegin();
            }
        });
        agent("counts the points of a batch in 16 bits", "batch-large", () -> new Batches() {
            @Override
            void sendBegin() throws Exception {
                if (batch.size() > 0xFFFF) {
                    leave();
                }
                super.sendBegin();
            }
        });
        agent("trusts the size of a batch", "batch-size", () -> new Batches() {
            @Override
            void end(EndBatch end) throws Exception {
                if (batch.size() > begin.getSize()) {
                    leave();
                }
                super.end(end);
            }
        });
        agent("waits for the end of a batch", "batch-unfinished", () -> new Batches() {
            @Override
            void endOfInput() throws Exception {
                if (begin != null) {
                    hang();
                }
            }
        });
        agent("takes frames of 1 MiB", "huge-string", () -> new Stream() {
            @Override
            byte[] body(int length) throws Exception {
                if (length > 1 << 20) {
                    throw new MalformedException("too long");
                }
                return super.body(length);
            }
        });
        agent("ends without a word at a NaN", "odd-values", () -> new Stream() {
            @Override
            void point(Point point) throws Exception {
                if (point.getFieldsDoubleMap().values().stream().anyMatch(value -> value.isNaN())) {
                    leave();
                }
                super.point(point);
            }
        });
        agent("breaks characters outside the first plane", "unicode", () -> new Stream() {
            @Override
            byte[] encoded(Response.Builder response) {
                byte[] frame = super.encoded(response);
                for (int i = 0; i + 3 < frame.length; i++) {
                    if (frame[i] == (byte) 0xF0 && frame[i + 1] == (byte) 0x9F && frame[i + 2] == (byte) 0x98) {
                        frame[i] = '?';
                    }
                }
                return frame;
            }
        });

        agent("says nothing at noise", "error-text", () -> new Stream() {
            @Override
            void malformed(String what) throws Exception {
                while (fill()) {
                    position = limit;
                }
            }
        });
        agent("waits for a frame that is too long", "frame-oversized", () -> new Stream() {
            @Override
            void tooLong(long length) throws Exception {
                hang();
            }
        });
        agent("waits for the end of a length that has none", "length-endless", () -> new Stream() {
            @Override
            void endless() throws Exception {
                hang();
            }
        });
        agent("hangs at what is not UTF-8", "invalid-utf8", () -> new Stream() {
            @Override
            void unparsable(InvalidProtocolBufferException e) throws Exception {
                if (e.getMessage().contains("UTF-8")) {
                    hang();
                }
                super.unparsable(e);
            }
        });

        agent("waits for something after Init", "end-idle", () -> new Stream() {
            @Override
            void endOfInput() throws Exception {
                if (initialized && requests == 1) {
                    hang();
                }
            }
        });
        agent("waits for the rest of a body", "end-mid-frame", () -> new Stream() {
            @Override
            EOFException endInBody() {
                try {
                    hang();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return super.endInBody();
            }
        });
        agent("waits for the rest of a length", "end-mid-length", () -> new Stream() {
            @Override
            EOFException endInLength() {
                try {
                    hang();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return super.endInLength();
            }
        });
        agent("forgets at the end what it was asked for", "end-after-requests", () -> new Stream() {
            private int asked;

            @Override
            void snapshot() throws Exception {
                asked++;
                if (position == limit) {
                    answer();
                }
            }

            @Override
            boolean fill() throws IOException {
                boolean more = super.fill();
                if (more) {
                    answer();
                }
                return more;
            }

            private void answer() throws IOException {
                try {
                    for (; asked > 0; asked--) {
                        super.snapshot();
                    }
                } catch (Exception e) {
                    throw new IOException(e);
                }
            }
        });
        agent(
                "holds the last point back, and drops it at the end",
                "end-all-output",
                "end-pending-output",
                () -> new Stream() {
                    private Response.Builder held;

                    @Override
                    synchronized void send(Response.Builder response) throws Exception {
                        flush();
                        if (response.hasPoint()) {
                            held = response;
                            AgentServer.later(HOLD_MILLIS, () -> flush(response));
                        } else {
                            super.send(response);
                        }
                    }

                    @Override
                    synchronized void endOfInput() {
                        held = null;
                    }

                    private synchronized void flush(Response.Builder response) throws Exception {
                        if (held == response) {
                            flush();
                        }
                    }

                    private void flush() throws Exception {
                        if (held != null) {
                            super.send(held);
                            held = null;
                        }
                    }
                });
        agent(
                "collects its output under load, and drops at the end what it has",
                "end-pending-output",
                () -> new Stream() {
                    private final List<Response.Builder> collected = new ArrayList<>();

                    @Override
                    void send(Response.Builder response) throws Exception {
                        collected.add(response);
                        if (!response.hasPoint() || points < LOAD || collected.size() == COLLECTED) {
                            for (Response.Builder each : collected) {
                                super.send(each);
                            }
                            collected.clear();
                        }
                    }
                });
        agent("drops points when the reader is slow", "reader-slow", "end-pending-output", () -> new Stream() {
            @Override
            void point(Point point) throws Exception {
                if (output.size() < LOAD) {
                    super.point(point);
                }
            }
        });
        agent("waits for its reader forever", "reader-stalled", () -> new Stream() {
            @Override
            void stalled() {}
        });
        agent("ends when a reader has gone", "reader-gone", () -> new Stream() {
            @Override
            void readerGone() {
                server.stopListening();
            }
        });

        process("leaves a thread behind", "process-exits", "reader-gone", ProcessAgent.command("a thread"));
        process(
                "leaves a child behind that holds STDERR",
                "process-exits",
                "reader-gone",
                ProcessAgent.command("a child"));
        server(
                "takes 64 connections",
                "connections-at-once",
                () -> limited(server -> number -> server.open.size() < 64));
        server("takes 250 connections in all", "connections-churn", () -> limited(server -> number -> number <= 250));
        agent("closes all connections when one is broken", "connections-independent", () -> new Stream() {
            @Override
            void malformed(String what) throws Exception {
                if (server.open.size() > 1) {
                    server.closeAll();
                }
                super.malformed(what);
            }
        });
        server(
                "waits for the first byte before it accepts the next",
                "connections-silent",
                () -> new AgentServer(Stream::new) {
                    @Override
                    void accepted(SocketChannel channel, int number) throws IOException {
                        ByteBuffer first = ByteBuffer.allocate(1);
                        channel.read(first);
                        begin(channel, Arrays.copyOf(first.array(), first.position()));
                    }
                });
    }

    private static AgentServer limited(Function<AgentServer, IntPredicate> mayEnter) {
        return new AgentServer(Stream::new) {
            @Override
            void accepted(SocketChannel channel, int number) throws IOException {
                if (mayEnter.apply(this).test(number)) {
                    super.accepted(channel, number);
                } else {
                    channel.close();
                }
            }
        };
    }
}
