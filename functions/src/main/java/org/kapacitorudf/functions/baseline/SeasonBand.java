package org.kapacitorudf.functions.baseline;

import java.util.Arrays;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Method;

/**
 * A value is unusual if it is far from the usual value of its bucket of the season, for example an hour of the week.
 *
 * <pre>
 *   expected   center of the bucket + level of the series
 *   spread     of the bucket, blended with that of all buckets while it has few values; at least 2 % of the swing
 *   band       expected +- noise x wider x spread
 * </pre>
 *
 * <p>{@code noise} is the multiple of the spread that Gaussian noise exceeds once in {@code falseAlertSeconds}, given
 * the usual interval of the points. Noise with heavier tails exceeds it more often. Each alert therefore makes the
 * exceeded side of the band {@code wider}, so that it includes the value, but by a factor of at most {@link #WIDEN}.
 * That side narrows again, by a factor of {@link #WIDEN} in {@code falseAlertSeconds}. All alerts together make it
 * wider by a factor of at most {@link #WIDEST}. A band without width stays as it is.
 *
 * <p>Means are exponentially weighted by time (West 1979): the weight of a point is the share of its bucket that it
 * represents.
 *
 * <p>An unusual value is not learnt until the anomaly has lasted for {@code relearnSeconds}.
 */
public final class SeasonBand implements Method<SeasonSeries> {
    /** The maximum factor by which one alert widens the band. */
    public static final double WIDEN = 3;

    /** The maximum factor by which all alerts widen the band. */
    private static final double WIDEST = 1000;

    /**
     * The weight of the overall spread in the spread of a bucket. It equals the weight of this many visits to the
     * bucket.
     */
    private static final double SHARED_VISITS = 5;

    private static final double LEAST_SHARE_OF_SWING = 0.02;

    /** A difference of less than this share of the value is a rounding error. */
    private static final double ROUNDING = 1e-6;

    /**
     * How often a bucket must be visited before its values can be unusual: twice for a season of a week, three times
     * for a day.
     */
    private static final int WEEK_VISITS = 2;

    private static final int DAY_VISITS = 3;

    /** The half-life of the level. */
    private static final double LEVEL_SECONDS = 7 * 86_400;

    /** Converts the mean absolute deviation of Gaussian noise to its standard deviation. */
    private static final double SIGMA = Math.sqrt(Math.PI / 2);

    private static final double INTERVAL_WEIGHT = 0.02;
    private static final int MOST_INTERVALS = 10;

    private final Season season;
    private final double memory;
    private final double relearnSeconds;
    private final double falseAlertSeconds;
    private final int visitsNeeded;

    /** @param memory the number of seasons after which learnt values have a weight of 1/e */
    public SeasonBand(Season season, double memory, double relearnSeconds, double falseAlertSeconds) {
        this.season = season;
        this.memory = memory;
        this.relearnSeconds = relearnSeconds;
        this.falseAlertSeconds = falseAlertSeconds;
        this.visitsNeeded = season.buckets() * season.bucketSeconds() > Season.DAY_SECONDS ? WEEK_VISITS : DAY_VISITS;
    }

    @Override
    public SeasonSeries fresh() {
        return new SeasonSeries();
    }

    @Override
    public long snapshotBytes() {
        return 255 + 11L * season.buckets();
    }

    @Override
    public boolean judge(SeasonSeries series, long time, double value, Judgement judgement) {
        forgetUnlessFinite(series);
        int bucket = season.bucket(time);
        if (series.seen.length != season.buckets() || series.seen[bucket] == 0) {
            return false;
        }
        double expected = series.centers[bucket] + series.level;
        double reach = noise(series.interval) * spread(series, bucket);
        double elapsed = series.elapsedNanos(time) / 1e9;
        judgement.band(
                expected,
                expected - reach * wider(series.widerDown, elapsed),
                expected + reach * wider(series.widerUp, elapsed));
        return isKnown(series, bucket);
    }

    /** Earlier versions saved a NaN if the first two points had the same time. All that is learnt with it is a NaN. */
    private static void forgetUnlessFinite(SeasonSeries series) {
        if (Float.isFinite(series.level + series.spread + series.mean + series.swing)) {
            return;
        }
        Arrays.fill(series.centers, 0);
        Arrays.fill(series.spreads, 0);
        Arrays.fill(series.seen, (byte) 0);
        series.level = series.spread = series.mean = series.swing = series.visits = 0;
        series.widerUp = series.widerDown = 1;
    }

    private boolean isKnown(SeasonSeries series, int bucket) {
        return series.seen[bucket] >= visitsNeeded * SeasonSeries.VISIT;
    }

    private static double spread(SeasonSeries series, int bucket) {
        double visits = series.seen[bucket] / (double) SeasonSeries.VISIT;
        double spread = (visits * series.spreads[bucket] + SHARED_VISITS * series.spread) / (visits + SHARED_VISITS);
        return Math.max(spread, Math.max(LEAST_SHARE_OF_SWING * series.swing, rounding(series, bucket)));
    }

    private static double rounding(SeasonSeries series, int bucket) {
        return ROUNDING * Math.abs(series.centers[bucket] + series.level);
    }

    /** The number of mean deviations that Gaussian noise exceeds once in {@code falseAlertSeconds}. */
    private double noise(double interval) {
        double share = interval / falseAlertSeconds;
        return SIGMA * normalQuantile(Math.max(1e-9, Math.min(0.05, share)) / 2);
    }

    /**
     * The number of standard deviations that is exceeded on one side with this probability; Abramowitz and Stegun,
     * 26.2.23.
     */
    public static double normalQuantile(double probability) {
        double t = Math.sqrt(-2 * Math.log(probability));
        return t - ((0.010328 * t + 0.802853) * t + 2.515517) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1);
    }

    private double wider(double wider, double elapsedSeconds) {
        if (wider == 1) {
            return 1;
        }
        return Math.max(1, Math.min(WIDEST, wider) * Math.pow(WIDEN, -elapsedSeconds / falseAlertSeconds));
    }

    @Override
    public void learn(SeasonSeries series, long time, double value, Judgement judgement) {
        if (series.seen.length != season.buckets()) {
            series.centers = new float[season.buckets()];
            series.spreads = new float[season.buckets()];
            series.seen = new byte[season.buckets()];
        }
        double elapsed = series.elapsedNanos(time) / 1e9;
        learnInterval(series, elapsed);
        series.widerUp = (float) wider(series.widerUp, elapsed);
        series.widerDown = (float) wider(series.widerDown, elapsed);
        int bucket = season.bucket(time);
        if (spread(series, bucket) > rounding(series, bucket)) {
            widen(series, judgement);
        }
        if (isLearnt(series, time, isKnown(series, bucket) && judgement.isUnusual())) {
            double share = series.isNew() ? 1 : Math.min(1, elapsed / season.bucketSeconds());
            double reach = noise(series.interval) * spread(series, bucket);
            learnValue(series, bucket, time, value, share, reach, Math.min(elapsed, season.bucketSeconds()));
        }
    }

    private static void learnInterval(SeasonSeries series, double elapsed) {
        if (series.interval == 0) {
            series.interval = (float) elapsed;
        } else {
            double bounded = Math.min(elapsed, MOST_INTERVALS * series.interval);
            series.interval += (float) (INTERVAL_WEIGHT * (bounded - series.interval));
        }
    }

    private static void widen(SeasonSeries series, Judgement judgement) {
        double factor = Math.min(WIDEN, 1.05 * Math.abs(judgement.score()));
        if (judgement.anomaly() > 0) {
            series.widerUp = (float) Math.min(WIDEST, series.widerUp * factor);
        } else if (judgement.anomaly() < 0) {
            series.widerDown = (float) Math.min(WIDEST, series.widerDown * factor);
        }
    }

    /** Whether a value is learnt: if it is usual, or if the anomaly has lasted long enough. */
    private boolean isLearnt(SeasonSeries series, long time, boolean unusual) {
        long now = Math.floorDiv(time, 1_000_000_000L);
        if (unusual) {
            if (series.unusualFrom == 0 || now < series.unusualFrom) {
                series.unusualFrom = now;
            }
            series.unusualTo = now;
            return now - series.unusualFrom >= relearnSeconds;
        }
        if (series.unusualFrom != 0 && Math.abs(now - series.unusualTo) > season.bucketSeconds()) {
            series.unusualFrom = 0;
            series.unusualTo = 0;
        }
        return true;
    }

    private void learnValue(
            SeasonSeries series,
            int bucket,
            long time,
            double value,
            double share,
            double reach,
            double elapsedSeconds) {
        double seen = series.seen[bucket] / (double) SeasonSeries.VISIT;
        double residual = value - series.centers[bucket] - series.level;
        if (series.seen[bucket] == 0) {
            series.centers[bucket] = (float) (value - series.level);
            series.spreads[bucket] = series.spread;
        } else {
            double weight = weight(share, memory, seen);
            double distance = Math.abs(residual);
            series.spreads[bucket] += (float) (weight * (distance - series.spreads[bucket]));
            series.spread +=
                    (float) (weight(share, memory * season.buckets(), series.visits) * (distance - series.spread));
            series.visits = (float) Math.min(series.visits + share, memory * season.buckets());
            if (isKnown(series, bucket)) {
                double levelWeight = 1 - Math.pow(0.5, elapsedSeconds / LEVEL_SECONDS);
                series.level += (float) (levelWeight * Math.max(-reach, Math.min(reach, residual)));
            }
            series.centers[bucket] += (float) (weight * (value - series.level - series.centers[bucket]));
        }
        double weight = series.isNew() ? 1 : weight(share, memory * season.buckets(), series.visits);
        series.mean += (float) (weight * (value - series.mean));
        series.swing += (float) (weight * (Math.abs(value - series.mean) - series.swing));
        int seenNow = series.seen[bucket] + parts(time, share);
        series.seen[bucket] = (byte) Math.max(1, Math.min(Byte.MAX_VALUE, seenNow));
    }

    /**
     * The number of parts of a visit that a point stands for. If points are closer together than these parts, a point
     * counts only if a part begins with it. Otherwise one visit would count as many.
     */
    private int parts(long time, double share) {
        double parts = share * SeasonSeries.VISIT;
        if (parts >= 1) {
            return (int) Math.rint(parts);
        }
        long before = time - (long) (share * season.bucketSeconds() * 1e9);
        boolean begins = season.bucket(before) != season.bucket(time)
                || season.part(before, SeasonSeries.VISIT) != season.part(time, SeasonSeries.VISIT);
        return begins ? 1 : 0;
    }

    /**
     * The weight of a point that represents a share of a visit: at first its weight in a plain mean, later the constant
     * weight that follows from the memory. It is 0 for a point at the time of the last one, even if nothing was seen.
     */
    private static double weight(double share, double memory, double seen) {
        return share <= 0 ? 0 : Math.max(1 - Math.exp(-share / memory), share / (seen + share));
    }
}
