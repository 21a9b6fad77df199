package org.kapacitorudf.tools.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.Request;

class PumpTest {
    private static final int POINTS = 50;

    private final Written written = new Written();

    /** Accepts everything, or a few bytes of each write, and records the writes. */
    private static final class Written implements WritableByteChannel {
        private final ByteArrayOutputStream all = new ByteArrayOutputStream();
        private final List<Integer> sizes = new ArrayList<>();
        private int most = Integer.MAX_VALUE;

        @Override
        public int write(ByteBuffer bytes) {
            int size = Math.min(most, bytes.remaining());
            byte[] taken = new byte[size];
            bytes.get(taken);
            all.writeBytes(taken);
            sizes.add(size);
            return size;
        }

        List<Request> requests() {
            return Frames.requests(all.toByteArray());
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void aMessageIsTwoWritesAsKapacitorsAre() throws IOException {
        Pump pump = new Pump(Traffic.points(1), 0, 0);
        run(pump, POINTS);
        assertThat(written.sizes).hasSize(2 * (int) pump.points());
        for (int i = 0; i < pump.points(); i++) {
            assertThat(written.sizes.get(2 * i)).isEqualTo(2);
            assertThat(written.sizes.get(2 * i + 1)).isBetween(231, 248);
        }
        assertThat(written.requests()).hasSize((int) pump.points());
    }

    @Test
    void itStopsWhereAMessageEndsAndKnowsHowManyThereWere() throws IOException {
        Pump pump = new Pump(Traffic.points(1), 1000, 0);
        run(pump, POINTS);
        assertThat(written.sizes).contains(1000);
        assertThat(pump.isStopped()).isTrue();
        assertThat(written.requests()).hasSize((int) pump.points());
        run(pump, 2 * POINTS);
        assertThat(written.requests()).hasSize((int) pump.points());
    }

    @Test
    void itGoesRoundAndRoundAndCountsOn() throws IOException {
        Traffic traffic = Traffic.batches(10, 1);
        Pump pump = new Pump(traffic, 100_000, 0);
        run(pump, 2 * traffic.points());
        assertThat(pump.points()).isGreaterThanOrEqualTo(2 * traffic.points());
        assertThat(pump.batches()).isEqualTo(pump.points() / 10);
        assertThat(written.requests()).hasSize((int) (pump.points() + 2 * pump.batches()));
    }

    @Test
    void keepalivesAreAskedForBetweenMessages() throws IOException {
        Pump pump = new Pump(Traffic.points(1), 1000, 1_000_000);
        run(pump, POINTS);
        assertThat(pump.keepalives()).isPositive();
        assertThat(written.requests().stream().filter(Request::hasKeepalive)).hasSize((int) pump.keepalives());
    }

    @Test
    void aSlowSocketGetsTheSameBytes() throws IOException {
        run(new Pump(Traffic.points(1), 1000, 0), POINTS);
        byte[] expected = written.all.toByteArray();
        written.all.reset();
        written.most = 7;
        run(new Pump(Traffic.points(1), 1000, 0), POINTS);
        assertThat(written.all.toByteArray()).isEqualTo(expected);
    }

    /** Writes at least this many more points, and stops. */
    private void run(Pump pump, int points) throws IOException {
        pump.start(0);
        int end = written.all.size() + points * 220;
        for (boolean stopping = false; !pump.isStopped(); stopping = written.all.size() >= end) {
            pump.step(written, stopping);
        }
    }
}
