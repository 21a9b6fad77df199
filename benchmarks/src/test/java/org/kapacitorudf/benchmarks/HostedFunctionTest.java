package org.kapacitorudf.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.tools.load.Traffic;

class HostedFunctionTest {
    @Test
    void bytesGoInAndComeOut() {
        byte[] frames = Traffic.points(3).frames();
        byte[] answer = new byte[frames.length];
        HostedFunction agent = HostedFunction.start(new Mirror(), Options.of("times", 1));
        for (int i = 0; i < 3; i++) {
            assertThat(agent.exchange(frames, answer)).isEqualTo(frames.length);
            assertThat(answer).isEqualTo(frames);
            Arrays.fill(answer, (byte) 0);
        }
    }

    @Test
    void itsClockAndItsTimersFollowTheTimeThatIsSet() {
        Udf ticking = new Udf() {
            @Override
            public Description describe() {
                return Description.stream("ticking", "sends its time each minute");
            }

            @Override
            public Handler create(Context context) {
                context.every(
                        Duration.ofMinutes(1),
                        (time, output) -> output.point(Point.of("tick", 1)
                                .withField("at", context.now().toEpochMilli())));
                return (point, output) -> {};
            }
        };
        HostedFunction agent = HostedFunction.start(ticking);
        byte[] frames = Traffic.points(1).frames();
        byte[] answer = new byte[1_000];
        assertThat(agent.exchange(frames, answer)).isZero();
        agent.moveTo(Duration.ofMinutes(1).toNanos());
        int length = agent.exchange(frames, answer);
        assertThat(new String(answer, 0, length, StandardCharsets.ISO_8859_1)).contains("tick", "at");
    }

    @Test
    void aFunctionThatIsNotStartedIsAnError() {
        assertThatThrownBy(() -> HostedFunction.start(new Mirror(), Options.of("times", 0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("times: 0 (expected: >= 1)");
    }

    private static final class Mirror implements Udf {
        private static final Option<Long> TIMES =
                Option.integer("times").required().atLeast(1);

        @Override
        public Description describe() {
            return Description.stream("mirror", "gives back what it gets").options(TIMES);
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> output.point(point);
        }
    }
}
