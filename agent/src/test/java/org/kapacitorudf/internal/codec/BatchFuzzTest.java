package org.kapacitorudf.internal.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Oracle;
import org.kapacitorudf.internal.wire.MalformedMessageException;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Reading;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * The begin and the end of a batch have the same contents as the generated classes read, or both refuse them; and their
 * encoding is read by the generated classes as the same message.
 *
 * <pre>
 *   length of the begin | begin | end
 * </pre>
 */
class BatchFuzzTest {
    private final ByteBuf out = Unpooled.buffer();

    @MethodSource("seeds")
    @FuzzTest
    void aBatchIsWhatProtobufReadsAndWrites(byte[] input) throws IOException {
        Reading reading = new Reading(input);
        byte[] begin = reading.some();
        byte[] end = reading.rest();
        BatchBegin ourBegin = (BatchBegin) decoded(begin, 0x82);
        BatchEnd ourEnd = (BatchEnd) decoded(end, 0x92);
        if (!Oracle.isUnreliable(begin)) {
            checkBegin(ourBegin, Oracle.parseWhatCounts(BeginBatch.parser(), "BeginBatch", begin));
        }
        if (!Oracle.isUnreliable(end)) {
            checkEnd(ourEnd, Oracle.parseWhatCounts(EndBatch.parser(), "EndBatch", end));
        }
        if (ourBegin != null && ourEnd != null) {
            Batch batch = Batch.of(ourBegin, List.of(), ourEnd);
            Claim.same(
                    batch,
                    batch.withTmaxNanos(batch.tmaxNanos())
                            .withTags(batch.tags())
                            .withName(batch.name()),
                    "batch");
            batch.toString();
        }
    }

    private static Object decoded(byte[] body, int tag) {
        try {
            return Requests.decode(Seeds.with(Seeds.framed(body), tag, 1));
        } catch (MalformedMessageException e) {
            return null;
        }
    }

    private void checkBegin(BatchBegin begin, BeginBatch expected) throws IOException {
        Claim.same(expected != null, begin != null, "begin is accepted");
        if (begin == null) {
            return;
        }
        Claim.same(
                List.of(
                        expected.getName(),
                        expected.getGroup(),
                        expected.getTagsMap(),
                        expected.getSize(),
                        expected.getByName()),
                List.of(begin.name(), begin.group(), begin.tags(), begin.size(), begin.byName()),
                "begin");
        out.clear();
        int size = (int) begin.size() & Integer.MAX_VALUE;
        ResponseEncoder.writeBegin(begin.name(), begin.group(), begin.tags(), size, begin.byName(), out);
        BeginBatch known = BeginBatch.newBuilder()
                .setName(expected.getName())
                .setGroup(expected.getGroup())
                .putAllTags(expected.getTagsMap())
                .setSize(size)
                .setByName(expected.getByName())
                .build();
        Claim.same(Response.newBuilder().setBegin(known).build(), written(), "begin as written");
    }

    private void checkEnd(BatchEnd end, EndBatch expected) throws IOException {
        Claim.same(expected != null, end != null, "end is accepted");
        if (end == null) {
            return;
        }
        Claim.same(
                List.of(expected.getName(), expected.getGroup(), expected.getTmax(), expected.getTagsMap()),
                List.of(end.name(), end.group(), end.tmaxNanos(), end.tags()),
                "end");
        out.clear();
        ResponseEncoder.writeEnd(end.name(), end.group(), end.tmaxNanos(), end.tags(), out);
        EndBatch known = EndBatch.newBuilder()
                .setName(expected.getName())
                .setGroup(expected.getGroup())
                .setTmax(expected.getTmax())
                .putAllTags(expected.getTagsMap())
                .build();
        Claim.same(Response.newBuilder().setEnd(known).build(), written(), "end as written");
    }

    /** The single message in the buffer. */
    private Response written() throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(ByteBufUtil.getBytes(out));
        Response response = Response.parser().parseDelimitedFrom(in);
        Claim.same(0, in.available(), "bytes after the frame");
        return response;
    }

    static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        byte[] begin = Seeds.begin().toByteArray();
        byte[] end = Seeds.end().toByteArray();
        seeds.add(Seeds.with(joined(begin, end), begin.length));
        seeds.add(Seeds.with(end, 0));
        return seeds;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
