package org.kapacitorudf.functions.changepoint;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Method;

/**
 * Finds a lasting shift of the level or of the spread of a series.
 *
 * <pre>
 *   prediction   level + lag x (value before - level)
 *                what is left of autocorrelated noise is white
 *   z            (value - prediction) / its spread, as a normal score
 *                Hawkins 1987: exact although level and spread are estimates
 *   sum          max(0, sum + z - drift), and the same with -z
 *                Page 1954: a shift when it reaches the threshold
 *   y            sqrt(|value - prediction|) as a normal score
 *                Hawkins 1981: sums of y find a shift of the spread
 * </pre>
 *
 * <p>A sum that reaches the threshold creates a candidate for a shift. A shift of the level is confirmed if more than
 * half of the next {@code confirm} z are beyond {@code drift} on the same side; a shift of the spread is confirmed if
 * the mean of the next y is beyond {@code drift}. Otherwise the sums start again from 0. After a confirmed shift, the
 * level, the spread and the lag start from these values.
 *
 * <p>A level that has shifted far looks like a larger spread as well. If both sums are large, the shift is treated as a
 * shift of the level if nearly all values are on one side.
 *
 * <p>Both scores are clipped at {@link #CLIP}, and so is what is learnt from a value. A single absurd value is
 * therefore not enough for a shift.
 */
public final class Cusum implements Method<RegimeSeries> {
    /** The limit at which scores are clipped. */
    static final double CLIP = 3;

    /** The number of values of a new series from which the first estimates are made. */
    public static final int FIRST_POINTS = 10;

    /** The minimum and maximum number of values to confirm a shift. */
    public static final int FEWEST_CONFIRM = 5;

    public static final int MOST_CONFIRM = 100;

    /**
     * Up to this number, all values have the same weight in the estimates. After that, older values are forgotten
     * exponentially.
     */
    public static final int MOST_POINTS = 10_000;

    /** There are no alerts until the estimates are based on this number of values. */
    private static final int FEWEST_POINTS = 30;

    /** The variance of a normal score that is clipped at {@link #CLIP}. */
    private static final double CLIPPED_VARIANCE = 0.99501;

    /** A spread of less than this share of the level is a rounding error. */
    private static final double ROUNDING = 1e-6;

    /**
     * The minimum spread of the square roots of the distances, as a share of their mean. If all values are at the same
     * distance from their predictions, the spread would otherwise be 0. For Gaussian noise the share is 0.42.
     */
    private static final double LEAST_SHARE_OF_ROOT = 0.2;

    private static final double LEAST_SPREAD = 1e-30;
    private static final double MOST_LAG = 0.95;

    /** The estimated lag is combined with a lag of 0, that of white noise, which has the weight of this many values. */
    private static final double WHITE_POINTS = 10;

    /** The maximum evidence for a shift that has not been confirmed. */
    private static final double UNCONFIRMED = 0.99;

    private final double drift;
    private final double threshold;
    private final int confirm;
    private final double minDeviation;

    // Computed by judge, and used by learn, which is called after judge for the same value.
    private double residual;
    private double before;
    private double spread;
    private double root;
    private double rootDeviation;
    private double z;
    private double y;
    private double levelUp;
    private double levelDown;
    private double spreadUp;
    private double spreadDown;
    private Shift crossed = Shift.NONE;

    /**
     * @param drift half the shift that is detected fastest, in standard deviations
     * @param threshold the sum that creates a candidate
     * @param confirm the number of values that confirm or reject a candidate, from {@link #FEWEST_CONFIRM} to
     *     {@link #MOST_CONFIRM}
     * @param minDeviation the size below which shifts are ignored
     */
    public Cusum(double drift, double threshold, int confirm, double minDeviation) {
        this.drift = drift;
        this.threshold = threshold;
        this.confirm = confirm;
        this.minDeviation = minDeviation;
    }

    @Override
    public RegimeSeries fresh() {
        return new RegimeSeries();
    }

    @Override
    public long snapshotBytes() {
        return 305 + 9L * Math.max(FIRST_POINTS, confirm);
    }

    @Override
    public boolean judge(RegimeSeries series, long time, double value, Judgement judgement) {
        judgement.score(0);
        if (series.points == 0) {
            return false;
        }
        measure(series, value);
        judgement.band(series.level, series.level - CLIP * spread, series.level + CLIP * spread);
        if (series.candidate() == Shift.NONE) {
            judgement.score(evidence(series));
        } else {
            judgement.score(UNCONFIRMED * series.candidate().sign);
        }
        Gathered gathered = series.gathered;
        Shift shift = judgement.isLearnt() ? confirmed(gathered) : Shift.NONE;
        if (gathered != null && shift != Shift.NONE) {
            double[] values = gathered.values.clone();
            values[values.length - 1] = value;
            report(series, shift, values, judgement);
        }
        return series.points >= FEWEST_POINTS;
    }

    /** Computes the distance of a value from its prediction, as normal scores. */
    private void measure(RegimeSeries series, double value) {
        int n = series.points;
        double freedom = n - 1;
        double estimate = Math.sqrt((n + 1) / freedom);
        spread = spread(series);
        double lag = lag(series);
        double limit = CLIP * spread;
        before = clip(series.lastValue() - series.level, limit);
        residual = value - series.level;
        double away = residual - lag * before;
        double innovation = spread * Math.sqrt(1 - lag * lag);
        z = clip(Scores.normal(away / (innovation * estimate), freedom), CLIP);
        root = Math.sqrt(Math.abs(away));
        rootDeviation = Math.max(
                Math.max(series.rootDeviation, LEAST_SHARE_OF_ROOT * series.rootMean),
                Math.sqrt(ROUNDING * innovation));
        y = clip(Scores.normal((root - series.rootMean) / (rootDeviation * estimate), freedom), CLIP);
    }

    private static double spread(RegimeSeries series) {
        return Math.max(series.deviation, leastSpread(series));
    }

    private static double leastSpread(RegimeSeries series) {
        return Math.max(ROUNDING * Math.abs(series.level), LEAST_SPREAD);
    }

    private static double lag(RegimeSeries series) {
        return clip(series.lag, MOST_LAG) * series.points / (series.points + WHITE_POINTS);
    }

    /** Returns the largest sum as a share of the threshold, with the sign of the shift. Sets {@link #crossed}. */
    private double evidence(RegimeSeries series) {
        levelUp = Math.max(0, series.levelUp + z - drift);
        levelDown = Math.max(0, series.levelDown - z - drift);
        spreadUp = Math.max(0, series.spreadUp + y - drift);
        spreadDown = Math.max(0, series.spreadDown - y - drift);
        boolean isUp = levelUp >= levelDown;
        boolean isWider = spreadUp >= spreadDown;
        double ofLevel = isUp ? levelUp : levelDown;
        double ofSpread = isWider ? spreadUp : spreadDown;
        double best = Math.max(ofLevel, ofSpread);
        Shift which = ofLevel >= ofSpread
                ? isUp ? Shift.LEVEL_UP : Shift.LEVEL_DOWN
                : isWider ? Shift.SPREAD_UP : Shift.SPREAD_DOWN;
        boolean alsoSpreads = !which.isOfSpread() && spreadUp >= threshold / 2;
        crossed = best < threshold ? Shift.NONE : alsoSpreads ? Shift.SPREAD_UP : which;
        return best == 0 ? 0 : which.sign * Math.min(UNCONFIRMED, best / threshold);
    }

    /**
     * Returns the shift that is confirmed, if this value is the last of those that must confirm it; otherwise
     * {@link Shift#NONE}.
     */
    private Shift confirmed(@Nullable Gathered gathered) {
        if (gathered == null || gathered.shift() == Shift.NONE || gathered.count + 1 < gathered.values.length) {
            return Shift.NONE;
        }
        Shift candidate = gathered.shift();
        int length = gathered.values.length;
        int needed = length / 2 + 1;
        int few = length / 4;
        int above = gathered.above + (z > drift ? 1 : 0);
        int below = gathered.below + (z < -drift ? 1 : 0);
        boolean spreads = gathered.spreadSum + spreadSide(candidate) * y > drift * length;
        return switch (candidate) {
            case LEVEL_UP -> above < needed ? Shift.NONE : below > few && spreads ? Shift.SPREAD_UP : candidate;
            case LEVEL_DOWN -> below < needed ? Shift.NONE : above > few && spreads ? Shift.SPREAD_UP : candidate;
            default -> {
                Shift level = above >= needed && below <= few
                        ? Shift.LEVEL_UP
                        : below >= needed && above <= few ? Shift.LEVEL_DOWN : candidate;
                yield spreads ? level : Shift.NONE;
            }
        };
    }

    /**
     * The direction of the spread that is tested: 1 for a larger one, -1 for a smaller one. Also 1 for a shift of the
     * level, because that may turn out to be a larger spread.
     */
    private static int spreadSide(Shift candidate) {
        return candidate == Shift.SPREAD_DOWN ? -1 : 1;
    }

    /** Adds a confirmed shift to the judgement, if it is large enough. */
    private void report(RegimeSeries series, Shift shift, double[] values, Judgement judgement) {
        RegimeSeries next = new RegimeSeries();
        begin(next, values);
        double before = shift.isOfSpread() ? spread : series.level;
        double after = shift.isOfSpread() ? spread(next) : next.level;
        boolean isRounding = shift.isOfSpread() && Math.max(before, after) < 10 * leastSpread(series);
        if (isRounding || Math.abs(after - before) <= minDeviation) {
            return;
        }
        double size = shift.isOfSpread()
                ? Math.max(after, before) / Math.min(after, before)
                : Math.abs(after - before) / spread;
        judgement.score(shift.sign * Math.max(1, size));
        judgement.detail("change", shift.isOfSpread() ? "spread" : "level");
        judgement.detail("before", before);
        judgement.detail("after", after);
    }

    @Override
    public void learn(RegimeSeries series, long time, double value, Judgement judgement) {
        if (series.points == 0) {
            learnFirst(series, value);
        } else if (series.gathered != null) {
            learnCandidate(series, series.gathered, value);
        } else if (crossed != Shift.NONE) {
            series.resetSums();
            series.gathered = Gathered.toConfirm(crossed, confirm);
        } else {
            learnUsual(series);
        }
    }

    private void learnFirst(RegimeSeries series, double value) {
        Gathered first = series.gathered == null ? new Gathered() : series.gathered;
        series.gathered = first;
        if (first.values.length < FIRST_POINTS) {
            first.values = Arrays.copyOf(first.values, FIRST_POINTS);
        }
        first.values[first.count++] = value;
        if (first.count == FIRST_POINTS) {
            begin(series, first.values);
        }
    }

    private void learnCandidate(RegimeSeries series, Gathered gathered, double value) {
        Shift confirmed = confirmed(gathered);
        gathered.values[gathered.count++] = value;
        if (z > drift) {
            gathered.above++;
        } else if (z < -drift) {
            gathered.below++;
        }
        gathered.spreadSum += (float) (spreadSide(gathered.shift()) * y);
        if (gathered.count < gathered.values.length) {
            return;
        }
        if (confirmed == Shift.NONE) {
            series.gathered = null;
        } else if (gathered.count >= FIRST_POINTS) {
            begin(series, gathered.values);
        } else {
            series.points = 0;
            series.gathered = gathered.asFirst();
        }
    }

    private void learnUsual(RegimeSeries series) {
        series.levelUp = (float) levelUp;
        series.levelDown = (float) levelDown;
        series.spreadUp = (float) spreadUp;
        series.spreadDown = (float) spreadDown;
        double rootResidual = root - series.rootMean;
        boolean clips = Math.abs(residual) > CLIP * spread || Math.abs(rootResidual) > CLIP * rootDeviation;
        double reach = clips ? reach(series.points) : Double.POSITIVE_INFINITY;
        if (series.points < MOST_POINTS) {
            series.points++;
        }
        double weight = 1.0 / series.points;
        double learnt = clip(residual, reach * spread);
        series.level += weight * learnt;
        series.deviation = (float) deviation(spread, learnt, weight);
        series.lag += (float) (weight * (learnt * before / (spread * spread) - series.lag));
        double rootLearnt = clip(rootResidual, reach * rootDeviation);
        series.rootMean += (float) (weight * rootLearnt);
        series.rootDeviation = (float) deviation(rootDeviation, rootLearnt, weight);
    }

    /**
     * The residual, in standard deviations, that has the score {@link #CLIP} if the estimates are based on this many
     * values.
     */
    private static double reach(int points) {
        return Scores.student(CLIP, points - 1) * Math.sqrt((points + 1.0) / (points - 1));
    }

    /** The exponentially weighted deviation after one more value; West (1979). */
    private static double deviation(double deviation, double difference, double weight) {
        return Math.sqrt((1 - weight) * (deviation * deviation + weight * difference * difference / CLIPPED_VARIANCE));
    }

    /**
     * Computes all estimates from these values only. Two of ten values may be extreme with little effect on the
     * estimates.
     */
    private static void begin(RegimeSeries series, double[] values) {
        int n = values.length;
        double median = median(values);
        double[] away = new double[n];
        for (int i = 0; i < n; i++) {
            away[i] = Math.abs(values[i] - median);
        }
        Arrays.sort(away);
        double reach = 4 * away[(n - 1) * 4 / 5];
        double[] kept = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            kept[i] = clip(values[i] - median, reach);
            sum += kept[i];
        }
        double mean = sum / n;
        double squares = 0;
        double roots = 0;
        double products = 0;
        double rootSquares = 0;
        double unbiased = Math.sqrt(n / (n - 1.0));
        for (int i = 0; i < n; i++) {
            double difference = kept[i] - mean;
            squares += difference * difference;
            products += i == 0 ? 0 : difference * (kept[i - 1] - mean);
            roots += Math.sqrt(Math.abs(difference) * unbiased);
        }
        for (int i = 0; i < n; i++) {
            double difference = Math.sqrt(Math.abs(kept[i] - mean) * unbiased) - roots / n;
            rootSquares += difference * difference;
        }
        series.level = median + mean;
        series.deviation = (float) Math.sqrt(squares / n);
        series.lag = squares == 0 ? 0 : (float) (products / squares);
        series.rootMean = (float) (roots / n);
        series.rootDeviation = (float) Math.sqrt(rootSquares / n);
        series.points = (short) n;
        series.resetSums();
        series.gathered = null;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
    }

    private static double clip(double value, double limit) {
        return Math.max(-limit, Math.min(limit, value));
    }
}
