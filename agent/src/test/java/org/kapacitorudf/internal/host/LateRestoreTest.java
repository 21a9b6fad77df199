package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Description;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.OnBadSnapshot;
import org.kapacitorudf.errors.UdfException;

/** A restore that arrives after timers have run, for which the handler is replaced. */
@Timeout(600)
final class LateRestoreTest {
    private final List<Point> out = new ArrayList<>();
    private long nanos;

    private final Output target = new Output() {
        @Override
        public void point(Point point) {
            out.add(point);
        }

        @Override
        public void batch(Batch batch) {
            throw new AssertionError("a batch: " + batch);
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    };

    @Test
    void aFreshStartIsTriedAgainAfterTheNewHandlerCouldNotBeCreated() {
        AtomicInteger created = new AtomicInteger();
        AtomicInteger timerRuns = new AtomicInteger();
        Udf udf = new HostContract.Made(Description.stream("f", ""), context -> {
            if (created.incrementAndGet() == 2) {
                throw new UdfException("not now");
            }
            context.after(Duration.ZERO, (time, output) -> timerRuns.incrementAndGet());
            return (point, output) -> output.point(point);
        });
        HandlerHost host = HandlerHost.of(UdfFunction.of(udf), () -> Instant.ofEpochSecond(0, nanos), target)
                .config(AgentConfig.builder().onBadSnapshot(OnBadSnapshot.FRESH).build())
                .nanoTime(() -> nanos)
                .build();
        assertThat(host.start()).isEmpty();
        while (timerRuns.get() == 0) {
            nanos = host.wakeAtNanos().orElseThrow();
            host.wake();
        }

        assertThat(host.restore(new byte[] {1, 2, 3})).isEmpty();

        Point point = Point.of("m", 1).withField("v", 1);
        host.point(point);
        assertThat(out).containsExactly(point);
        assertThat(created).hasValue(3);
    }
}
