package org.kapacitorudf.tools.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.ErrorResponse;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.KeepaliveResponse;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.SnapshotResponse;

class FrameCounterTest {
    private static final Response POINT = Response.newBuilder()
            .setPoint(Point.newBuilder().setName("m").putFieldsString("s", "x".repeat(300)))
            .build();
    private static final List<Response> ALL = List.of(
            POINT,
            Response.newBuilder()
                    .setKeepalive(KeepaliveResponse.newBuilder().setTime(5))
                    .build(),
            Response.newBuilder().setBegin(BeginBatch.newBuilder().setSize(1)).build(),
            POINT,
            Response.newBuilder().setEnd(EndBatch.getDefaultInstance()).build(),
            Response.newBuilder()
                    .setSnapshot(SnapshotResponse.getDefaultInstance())
                    .build(),
            POINT);

    private final FrameCounter counter = new FrameCounter();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 302, 303, 5000})
    void whateverTheCutsEachIsCountedOnce(int cut) throws IOException {
        read(Frames.encodeAll(ALL), cut);
        assertThat(counter.points()).isEqualTo(3);
        assertThat(counter.ends()).isEqualTo(1);
        assertThat(counter.keepalives()).isEqualTo(1);
        assertThat(counter.snapshots()).isEqualTo(1);
        assertThat(counter.isBetweenFrames()).isTrue();
    }

    @Test
    void aKeepaliveTakesAsLongAsItsTimeSays() throws IOException {
        long asked = System.nanoTime() - 1_000_000_000;
        read(
                Frames.encode(Response.newBuilder()
                        .setKeepalive(KeepaliveResponse.newBuilder().setTime(asked))
                        .build()),
                100);
        Samples samples = new Samples();
        counter.drainKeepalives(samples);
        assertThat(samples.percentile(1)).isBetween(1_000_000_000L, 30_000_000_000L);
    }

    @Test
    void anErrorOfTheAgentIsAFailure() {
        byte[] error = Frames.encode(Response.newBuilder()
                .setError(ErrorResponse.newBuilder().setError("no such field"))
                .build());
        assertThatThrownBy(() -> read(error, 3)).isInstanceOf(IOException.class).hasMessageContaining("no such field");
    }

    @Test
    void anAnswerWithoutARequestIsAFailure() {
        byte[] info = Frames.encode(
                Response.newBuilder().setInfo(InfoResponse.getDefaultInstance()).build());
        assertThatThrownBy(() -> read(info, 100))
                .hasMessage("response: starts with a (expected: a point, a batch or a keepalive)");
    }

    @Test
    void lengthsThatAreNoneAreAFailure() {
        assertThatThrownBy(() -> read(new byte[] {0, 1}, 2)).hasMessageStartingWith("frame length: 0 (expected: ");
        byte[] long6 = {-1, -1, -1, -1, -1, 1};
        assertThatThrownBy(() -> read(long6, 6)).hasMessageStartingWith("frame length: longer than 5 bytes");
    }

    /** Like a connection: incomplete data is passed again with the following bytes. */
    private void read(byte[] bytes, int cut) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(10_000);
        for (int at = 0; at < bytes.length; at += cut) {
            buffer.put(bytes, at, Math.min(cut, bytes.length - at));
            int limit = buffer.position();
            int done = counter.count(buffer, limit);
            buffer.limit(limit).position(done);
            buffer.compact();
        }
        assertThat(buffer.position()).isZero();
    }
}
