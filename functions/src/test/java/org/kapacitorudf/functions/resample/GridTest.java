package org.kapacitorudf.functions.resample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kapacitorudf.functions.Runs;
import org.kapacitorudf.functions.resample.Grid.Fill;
import org.kapacitorudf.functions.resample.Grid.Method;
import org.kapacitorudf.functions.series.Order;

@Tag("one-jdk")
class GridTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long EVERY = 60 * SECOND;
    private static final long MAX_GAP = 10 * EVERY;

    private record Given(long time, double result) {}

    private final GridSeries series = new GridSeries();
    private final List<Given> given = new ArrayList<>();

    /** The model knows all points, and integrates over all of them for each grid time. */
    @ParameterizedTest
    @CsvSource({
        "VALUE, LINEAR", "VALUE, PREVIOUS", "VALUE, NONE", "MEAN, LINEAR", "MEAN, PREVIOUS", "MEAN, NONE",
        "INTEGRAL, LINEAR", "INTEGRAL, PREVIOUS", "INTEGRAL, NONE", "INCREASE, LINEAR", "INCREASE, PREVIOUS",
                "INCREASE, NONE"
    })
    void itGivesWhatAModelGivesThatKnowsAllPoints(Method method, Fill fill) {
        for (int seed = 0; seed < Runs.count(25); seed++) {
            Random random = new Random(seed);
            Model model = new Model(method, fill);
            Grid grid = new Grid(EVERY, method, fill, MAX_GAP);
            GridSeries one = new GridSeries();
            given.clear();
            long time = -20 * EVERY;
            double value = 50;
            for (int i = 0; i < 300; i++) {
                time += step(random);
                time = random.nextInt(10) == 0 ? EVERY * Math.floorDiv(time + EVERY, EVERY) : time;
                value = random.nextInt(20) == 0 ? 3 * random.nextDouble() : value + 10 * random.nextDouble();
                grid.take(one, time, value, this::give);
                model.points.add(new Given(time, value));
                if (random.nextInt(10) == 0) {
                    assertThat(grid.take(one, time - random.nextInt(1000) - 1, 1e9, this::give))
                            .isEqualTo(Order.LATE);
                }
                if (random.nextInt(10) == 0) {
                    assertThat(grid.take(one, time, value, this::give)).isEqualTo(Order.DUPLICATE);
                }
            }
            List<Given> expected = model.all();
            assertThat(given).as("seed %d", seed).extracting(Given::time).isEqualTo(times(expected));
            for (int i = 0; i < expected.size(); i++) {
                double result = expected.get(i).result;
                assertThat(given.get(i).result)
                        .as("seed %d, time %d", seed, expected.get(i).time)
                        .isCloseTo(result, within(1e-9 * Math.max(1, Math.abs(result))));
            }
        }
    }

    private static long step(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> MAX_GAP + random.nextInt(3) - 1;
            case 2 -> EVERY;
            case 3 -> 3 * EVERY + random.nextInt(1000) * SECOND / 10;
            default -> random.nextInt(600) * SECOND / 10;
        };
    }

    private static List<Long> times(List<Given> all) {
        return all.stream().map(Given::time).toList();
    }

    private record Model(Method method, Fill fill, List<Given> points) {
        Model(Method method, Fill fill) {
            this(method, fill, new ArrayList<>());
        }

        List<Given> all() {
            List<Given> all = new ArrayList<>();
            long first = points.get(0).time;
            long last = points.get(points.size() - 1).time;
            for (long to = EVERY * Math.floorDiv(first + EVERY - 1, EVERY); to <= last; to += EVERY) {
                boolean known = method == Method.VALUE ? isKnown(to, to) : isKnown(to - EVERY, to);
                if (known && (fill != Fill.NONE || hasPoint(to))) {
                    all.add(new Given(to, result(to)));
                }
            }
            return all;
        }

        private boolean hasPoint(long to) {
            return points.stream().anyMatch(point -> point.time > to - EVERY && point.time <= to);
        }

        private boolean isKnown(long from, long to) {
            if (from < points.get(0).time) {
                return false;
            }
            for (int i = 1; i < points.size(); i++) {
                long start = points.get(i - 1).time;
                long end = points.get(i).time;
                boolean overlaps = from == to ? start < to && to < end : start < to && end > from;
                if (overlaps && end - start > MAX_GAP) {
                    return false;
                }
            }
            return true;
        }

        private double result(long to) {
            if (method == Method.VALUE) {
                return value(to);
            }
            double sum = 0;
            for (int i = 1; i < points.size(); i++) {
                Given one = points.get(i - 1);
                Given two = points.get(i);
                long from = Math.max(one.time, to - EVERY);
                long until = Math.min(two.time, to);
                if (method == Method.INCREASE) {
                    double increase = two.result >= one.result ? two.result - one.result : two.result;
                    if (fill != Fill.LINEAR || one.time == two.time) {
                        // If several points are at a grid time, the first completes the interval.
                        boolean isHere = one.time == two.time
                                ? two.time >= to - EVERY && two.time < to
                                : two.time > to - EVERY && two.time <= to;
                        sum += isHere ? increase : 0;
                    } else if (until > from) {
                        sum += increase * (until - from) / (two.time - one.time);
                    }
                } else if (until > from) {
                    double seconds = (until - from) / 1e9;
                    sum += seconds
                            * (fill == Fill.LINEAR ? (line(one, two, from) + line(one, two, until)) / 2 : one.result);
                }
            }
            return method == Method.MEAN ? sum / (EVERY / 1e9) : sum;
        }

        private double value(long at) {
            for (int i = 0; i < points.size(); i++) {
                Given two = points.get(i);
                if (two.time == at) {
                    return two.result;
                }
                if (two.time > at) {
                    Given one = points.get(i - 1);
                    return fill == Fill.LINEAR ? line(one, two, at) : one.result;
                }
            }
            throw new AssertionError();
        }

        private static double line(Given one, Given two, long at) {
            double share = (at - one.time) / (double) (two.time - one.time);
            return (1 - share) * one.result + share * two.result;
        }
    }

    @Test
    void aCounterThatFallsCountsFromZero() {
        Grid grid = new Grid(EVERY, Method.INCREASE, Fill.PREVIOUS, MAX_GAP);
        take(grid, 0, 100);
        take(grid, 30, 130);
        take(grid, 60, 20);
        take(grid, 120, 25);
        assertThat(given).containsExactly(new Given(EVERY, 50), new Given(2 * EVERY, 5));
    }

    @Test
    void aLatePointOfACounterIsNoReset() {
        Grid grid = new Grid(EVERY, Method.INCREASE, Fill.LINEAR, MAX_GAP);
        take(grid, 0, 100);
        take(grid, 50, 150);
        assertThat(take(grid, 40, 140)).isEqualTo(Order.LATE);
        take(grid, 60, 160);
        assertThat(given).containsExactly(new Given(EVERY, 60));
    }

    @Test
    void afterManyLatePointsInARowItBeginsAgain() {
        Grid grid = new Grid(EVERY, Method.VALUE, Fill.LINEAR, MAX_GAP);
        take(grid, 6000, 1);
        for (int i = 0; i < 20; i++) {
            assertThat(take(grid, i, 1)).isEqualTo(Order.LATE);
        }
        take(grid, 60, 7);
        take(grid, 120, 8);
        assertThat(given).containsExactly(new Given(6000 * SECOND, 1), new Given(EVERY, 7), new Given(2 * EVERY, 8));
    }

    @ParameterizedTest
    @EnumSource
    void timesAtBothEndsDoNotOverflow(Method method) {
        Grid grid = new Grid(EVERY, method, Fill.NONE, MAX_GAP);
        for (long start : new long[] {Long.MIN_VALUE + 1, Long.MAX_VALUE - 3 * EVERY}) {
            GridSeries one = new GridSeries();
            given.clear();
            grid.take(one, start, 1, this::give);
            grid.take(one, start + EVERY, 2, this::give);
            grid.take(one, start + 3 * EVERY, 3, this::give);
            assertThat(given)
                    .isNotEmpty()
                    .allMatch(one_ -> one_.time >= start && one_.time % EVERY == 0 && Double.isFinite(one_.result));
        }
        grid.take(new GridSeries(), Long.MAX_VALUE, 1, this::give);
    }

    @Test
    void aGapThatWouldGiveMoreThanTheLimitIsRefused() {
        assertThat(new Grid(SECOND, Method.VALUE, Fill.LINEAR, Grid.MOST_TIMES * SECOND))
                .isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Grid(SECOND, Method.VALUE, Fill.LINEAR, (Grid.MOST_TIMES + 1) * SECOND))
                .withMessageContaining("maxGapNanos: 10001000000000 (expected: >= 1 and <= 10000 x everyNanos");
    }

    private Order take(Grid grid, long second, double value) {
        return grid.take(series, second * SECOND, value, this::give);
    }

    private void give(long time, double result) {
        given.add(new Given(time, result));
    }
}
