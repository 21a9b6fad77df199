package org.kapacitorudf.benchmarks.score;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Kinds of series that are common in monitoring: one point every ten minutes, for six weeks. The series have no
 * anomalies, except for those that {@link #series} adds.
 */
enum Family {
    NOISE("noise around a level"),
    DAILY("a daily rhythm, and noise"),
    WEEKLY("a daily rhythm, lower at weekends, and noise"),
    CORRELATED("noise that remembers, AR(0.95)"),
    LATENCY("a skewed distribution, log-normal"),
    COUNTS("rare events, mostly 0, Poisson"),
    QUANTISED("a small daily rhythm in whole numbers"),
    CONSTANT("a constant"),
    BURSTS("an hour of load every night"),
    DRIFT("a slow wander");

    static final int DAY = 144;
    static final int LENGTH = 42 * DAY;
    static final long INTERVAL_NANOS = 600_000_000_000L;
    /** A Monday, midnight UTC. */
    static final long START_NANOS = 1_399_852_800_000_000_000L;

    final String text;

    Family(String text) {
        this.text = text;
    }

    /** The standard deviation of the noise, the unit of the size of anomalies. */
    double unit() {
        return switch (this) {
            case LATENCY -> 10;
            case COUNTS, DRIFT -> 0.5;
            default -> 1;
        };
    }

    /** A series whose only window is an anomaly of this kind; without an anomaly if the kind is null. */
    LabelledSeries series(@Nullable Kind kind, long seed) {
        Random random = new Random(seed * 1_000_003 + ordinal());
        double phase = 2 * Math.PI * random.nextDouble();
        int start = 28 * DAY + random.nextInt(12 * DAY);
        int end = start + (kind == null ? 0 : kind.length) - 1;
        double[] values = new double[LENGTH];
        long[] times = new long[LENGTH];
        double memory = 0;
        double wander = 0;
        for (int i = 0; i < LENGTH; i++) {
            boolean inside = i >= start && i <= end;
            double noise = random.nextGaussian() * (inside && kind == Kind.SPREAD ? 4 : 1);
            double day = StrictMath.sin(2 * Math.PI * (i % DAY) / DAY + phase);
            boolean rhythm = !(inside && kind == Kind.SEASON);
            memory = 0.95 * memory + Math.sqrt(1 - 0.95 * 0.95) * noise;
            wander += -wander / (3 * DAY) + 0.05 * noise;
            double value = switch (this) {
                case NOISE -> 50 + noise;
                case DAILY -> 50 + (rhythm ? 10 * day : 0) + noise;
                case WEEKLY -> 50 + (rhythm ? ((i / DAY) % 7 < 5 ? 10 : 3) * (1 + day) : 0) + noise;
                case CORRELATED -> 50 + memory;
                case LATENCY -> 20 * StrictMath.exp(0.4 * noise);
                case COUNTS -> poisson(random, inside && kind == Kind.SPREAD ? 0.8 : 0.05);
                case QUANTISED -> 50 + (rhythm ? 2 * day : 0) + 0.7 * noise;
                case CONSTANT -> 42;
                case BURSTS -> 10 + (rhythm && i % DAY >= 12 && i % DAY < 18 ? 40 : 0) + noise;
                case DRIFT -> 50 + wander + 0.3 * random.nextGaussian();
            };
            if (inside && kind != null) {
                value = kind.applyTo(value, unit(), i - start, i > start ? values[i - 1] : value);
            }
            values[i] = switch (this) {
                case COUNTS -> Math.max(0, Math.rint(value));
                case QUANTISED -> Math.rint(value);
                case LATENCY -> Math.max(0.1, value);
                default -> value;
            };
            times[i] = START_NANOS + i * INTERVAL_NANOS;
        }
        return new LabelledSeries(
                name(),
                times,
                values,
                kind == null ? java.util.List.of() : java.util.List.of(new LabelledSeries.Window(start, end)));
    }

    private static int poisson(Random random, double mean) {
        double limit = StrictMath.exp(-mean);
        int count = -1;
        for (double product = 1; product > limit; count++) {
            product *= random.nextDouble();
        }
        return count;
    }

    /** A kind of anomaly. */
    enum Kind {
        SPIKE("spike: 3 points, 8 up", 3),
        DIP("dip: 3 points, 8 down", 3),
        LEVEL("level shift: 5 up for a day", DAY),
        TREND("trend: 10 up in a day", DAY),
        SPREAD("spread: 4 times for a day", DAY),
        SEASON("season: a day without it", DAY),
        FLAT("flat line: a day of one value", DAY);

        final String text;
        final int length;

        Kind(String text, int length) {
            this.text = text;
            this.length = length;
        }

        /** Whether this kind is an anomaly in the series of a family. */
        boolean isIn(Family family) {
            return switch (this) {
                case SEASON -> family == DAILY || family == WEEKLY || family == BURSTS;
                case DIP -> family != COUNTS;
                case SPREAD -> family != CONSTANT;
                case FLAT -> family != CONSTANT && family != COUNTS;
                default -> true;
            };
        }

        private double applyTo(double value, double unit, int since, double before) {
            return switch (this) {
                case SPIKE -> value + 8 * unit;
                case DIP -> value - 8 * unit;
                case LEVEL -> value + 5 * unit;
                case TREND -> value + 10 * unit * since / DAY;
                case FLAT -> before;
                case SPREAD, SEASON -> value;
            };
        }
    }
}
