package org.kapacitorudf.functions.latest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.functions.series.Series;

class RecentTest {
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private record Value(long time, double value) {}

    private final Recent recent = new Recent();
    private final Recent.Found found = new Recent.Found();

    /** The model keeps all values. It agrees as long as no value arrives after one that is two steps newer. */
    @Test
    void itIsTheNewestValueThatIsNotAfterThePoint() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Recent one = new Recent();
            List<Value> all = new ArrayList<>();
            long[] times = jitteredTimes(random, 100);
            for (long time : times) {
                double value = random.nextGaussian();
                one.addDouble(time, value);
                all.removeIf(other -> other.time == time);
                all.add(new Value(time, value));
                List<Value> newestTwo = all.stream()
                        .sorted(Comparator.comparingLong(Value::time).reversed())
                        .limit(2)
                        .toList();
                long asked = newestTwo.get(newestTwo.size() - 1).time + random.nextInt(30);
                long maxAge = random.nextInt(25);
                Optional<Value> expected = all.stream()
                        .filter(other -> other.time <= asked)
                        .max(Comparator.comparingLong(Value::time))
                        .filter(other -> asked - other.time <= maxAge);
                assertThat(one.find(asked, maxAge, found)).as("seed %d", seed).isEqualTo(expected.isPresent());
                expected.ifPresent(other -> assertThat(found.asDouble()).isEqualTo(other.value));
            }
        }
    }

    /** Times ten apart, neighbours in any order, some repeated. */
    private static long[] jitteredTimes(Random random, int count) {
        long[] times = new long[count];
        for (int i = 0; i < count; i++) {
            times[i] = i > 0 && random.nextInt(10) == 0 ? times[i - 1] : 10L * i;
        }
        for (int i = 1; i < count; i += 2) {
            if (random.nextBoolean()) {
                long swapped = times[i];
                times[i] = times[i - 1];
                times[i - 1] = swapped;
            }
        }
        return times;
    }

    @Test
    void aPointThatIsOlderThanBothValuesGetsTheOlderOne() {
        recent.addInt(100, 1);
        assertThat(recent.find(95, 10, found)).isTrue();
        recent.addInt(110, 2);
        assertThat(recent.find(95, 10, found)).isTrue();
        assertThat(found.asInt()).isEqualTo(1);
        assertThat(recent.find(89, 10, found)).isFalse();
    }

    @Test
    void aValueOlderThanMaxAgeIsMissing() {
        recent.addDouble(100, 1.5);
        assertThat(recent.find(110, 10, found)).isTrue();
        assertThat(recent.find(111, 10, found)).isFalse();
        assertThat(recent.find(100, 0, found)).isTrue();
    }

    @Test
    void aLateValueIsUsedIfItIsNewerThanTheOneBeforeTheNewest() {
        recent.addInt(100, 1);
        recent.addInt(120, 3);
        recent.addInt(110, 2);
        recent.addInt(90, 0);
        assertThat(recent.find(119, NO_LIMIT, found)).isTrue();
        assertThat(found.asInt()).isEqualTo(2);
        assertThat(recent.find(120, NO_LIMIT, found)).isTrue();
        assertThat(found.asInt()).isEqualTo(3);
    }

    @Test
    void aValueFarInTheFutureHidesTheOthersForNoPoint() {
        recent.addInt(100, 1);
        recent.addInt(1_000_000, 9);
        for (int i = 1; i < 100; i++) {
            recent.addInt(100 + i, 1 + i);
            assertThat(recent.find(100 + i, 10, found)).isTrue();
            assertThat(found.asInt()).isEqualTo(1 + i);
        }
    }

    @Test
    void afterManyLateValuesInARowTheClockWasSetBack() {
        recent.addInt(1_000, 1);
        recent.addInt(2_000, 2);
        for (int i = 0; i <= Series.MOST_LATE; i++) {
            recent.addInt(i, i);
        }
        assertThat(recent.find(Series.MOST_LATE, 0, found)).isTrue();
        assertThat(found.asInt()).isEqualTo(Series.MOST_LATE);
        assertThat(recent.find(Series.MOST_LATE - 1, NO_LIMIT, found)).isTrue();
        assertThat(found.asInt()).as("nothing from before").isEqualTo(Series.MOST_LATE);
    }

    @Test
    void typesStayAsTheyCame() {
        recent.addInt(1, Long.MIN_VALUE);
        assertThat(recent.find(1, 0, found)).isTrue();
        assertThat(found.kind()).isEqualTo(Recent.Kind.INT);
        assertThat(found.asInt()).isEqualTo(Long.MIN_VALUE);
        recent.addBool(2, true);
        assertThat(recent.find(2, 0, found)).isTrue();
        assertThat(found.kind()).isEqualTo(Recent.Kind.BOOL);
        assertThat(found.asBool()).isTrue();
        recent.addDouble(3, -0.0);
        assertThat(recent.find(3, 0, found)).isTrue();
        assertThat(found.kind()).isEqualTo(Recent.Kind.DOUBLE);
        assertThat(found.asDouble()).isEqualTo(-0.0);
    }

    @Test
    void timesAtBothEndsDoNotOverflow() {
        recent.addInt(Long.MIN_VALUE, 1);
        assertThat(recent.find(Long.MAX_VALUE, NO_LIMIT - 1, found)).isFalse();
        assertThat(recent.find(Long.MAX_VALUE, NO_LIMIT, found)).isTrue();
    }

    @Test
    void withoutAValueThereIsNone() {
        assertThat(recent.find(0, NO_LIMIT, found)).isFalse();
    }
}
