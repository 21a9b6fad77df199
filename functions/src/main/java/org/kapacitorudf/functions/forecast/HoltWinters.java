package org.kapacitorudf.functions.forecast;

import java.util.Arrays;
import java.util.List;

/**
 * Exponential smoothing with two seasons and an adjustment for autocorrelated errors (Holt 1957, Winters 1960, Taylor
 * 2003), additive:
 *
 * <pre>
 *   forecast, h ahead   level + h x slope + season + long season + phi^h x last error
 *   error               value - (level + slope + season + long season)
 *   level               += slope + gain x error         slope         += gain x gain x error
 *   season              += gain x error                 long season   += gain x error
 * </pre>
 *
 * <p>Several models with different {@link Gains} learn from each value. The model whose forecasts of all lead times
 * were closest to the recent values is used. Past forecasts are not stored: they are computed from the state that each
 * model had at that time, minus what the slots of the seasons have learnt since. This is exact except for {@code phi},
 * whose current value is used.
 *
 * <p>{@code phi} is the autocorrelation of the errors of the model, from exponentially weighted means.
 *
 * <p>The error that is learnt is bounded by {@link #FAR} times the usual error. If the errors of a whole season exceed
 * this bound on one side, the level has shifted: the level is corrected by the whole error, and the seasons are not
 * changed. A holiday is too short to be treated as a shift.
 *
 * <p>Threading: one thread at a time, because it has working memory.
 */
final class HoltWinters {
    /** An error beyond this multiple of the usual error is not learnt completely. */
    static final double FAR = 4;

    /**
     * The level has shifted after this many consecutive values far from the forecast, or after as many as a short
     * season has if that is more.
     */
    static final int FEWEST_FAR = 12;

    /** For a series without seasons: the number of values before the models start. */
    static final int FEWEST_FIRST = 10;

    private static final double SCALE_WEIGHT = 0.02;

    /**
     * When the scale is learnt, each error is clipped to this multiple of the current scale. When the loss of a model
     * is computed, errors are clipped to {@code MOST_IN_LOSS} times the scale.
     */
    private static final double MOST_IN_SCALE = 5;

    /** See {@link #MOST_IN_SCALE}. The first errors of a {@link Band} are clipped to it as well. */
    static final double MOST_IN_LOSS = 24;

    /** A scale of less than this share of the value is a rounding error. */
    private static final double ROUNDING = 1e-9;

    /**
     * When the seasons start, a value's distance from the median of the first season is limited to this multiple of the
     * usual distance.
     */
    private static final double MOST_IN_FIRST = 10;

    private static final double MOST_PHI = 0.98;

    /** The weight of a new interval in the loss and in phi. The weight of an old one halves every 168 intervals. */
    private static final double WEIGHT = 1 - Math.pow(0.5, 1 / 168.0);

    /** How often each slot must be visited before the season is known and the quantiles of errors are learnt. */
    private static final int USUAL_VISITS = 2;

    private static final int MOST_AGE = 1 << 20;

    private final List<Gains> models;
    private final int season;
    private final int longSeason;
    private final int leads;
    private final Band band;

    /** For each distance in intervals, whether two intervals that far apart share a slot of a season. */
    private final boolean[] slotsMeet;

    private final double[] errors;
    private final double[] givenErrors;

    /**
     * @param season the length of the short season in intervals; 0 for none
     * @param longSeason the length of the long season in intervals; 0 for none
     * @param leads the number of intervals to forecast
     */
    HoltWinters(List<Gains> models, int season, int longSeason, int leads, Band band) {
        this.models = models;
        this.season = season;
        this.longSeason = longSeason;
        this.leads = leads;
        this.band = band;
        this.slotsMeet = new boolean[leads];
        for (int before = 1; before < leads; before++) {
            slotsMeet[before] = meet(before, season) || meet(before, longSeason);
        }
        this.errors = new double[models.size()];
        this.givenErrors = new double[leads];
    }

    private static boolean meet(int before, int length) {
        return length > 0 && before % length == 0;
    }

    /** The number of values before the models start. */
    int firstLength() {
        return season > 0 ? season : FEWEST_FIRST;
    }

    /**
     * An estimate of the size, in bytes, of a series in an uncompressed snapshot: a float takes 5 bytes, a double 9,
     * plus the names of the fields.
     */
    long snapshotBytes() {
        long floats = season + longSeason + 3L * leads + 1;
        return models.size() * (5 * floats + 4 * 9) + leads * 19L + 320;
    }

    /**
     * Whether the state of the series has the number of models, the lengths of the seasons and the number of lead times
     * of this object.
     */
    boolean fits(ForecastSeries series) {
        return series.levels.length == models.size()
                && series.seasons.length == models.size() * season
                && series.longSeasons.length == models.size() * longSeason
                && series.lower.length == leads;
    }

    /** Starts the models: {@code first} is complete, and its last value is that of the interval {@code last}. */
    void begin(ForecastSeries series) {
        int count = models.size();
        double[] values = series.first;
        double center = median(values);
        double[] distances = new double[values.length];
        Arrays.setAll(distances, i -> Math.abs(values[i] - center));
        double usual = median(distances);
        double[] steps = new double[values.length - 1];
        Arrays.setAll(steps, i -> Math.abs(values[i + 1] - values[i]));
        series.origin = center;
        series.scale = median(steps) / 2;
        series.far = 0;
        series.age = values.length;
        series.levels = new double[count];
        series.slopes = new double[count];
        series.seasons = new float[count * season];
        series.longSeasons = new float[count * longSeason];
        series.pastLevels = new float[count * leads];
        series.pastSlopes = new float[count * leads];
        series.pastErrors = new float[count * leads];
        series.products = new double[count];
        series.squares = new double[count];
        series.losses = new float[count];
        series.used = new byte[leads];
        band.begin(series, leads);
        for (int model = 0; model < count && season > 0; model++) {
            for (int i = 0; i < season; i++) {
                double most = usual > 0 ? MOST_IN_FIRST * usual : Double.POSITIVE_INFINITY;
                int slot = Math.floorMod(series.last - season + 1 + i, season);
                series.seasons[model * season + slot] = (float) bounded(values[i] - center, most);
            }
        }
        series.first = new double[0];
        series.filled = 0;
        series.origins = 1;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private static double bounded(double value, double most) {
        return Math.max(-most, Math.min(most, value));
    }

    /** Records an interval without a value. */
    void miss(ForecastSeries series) {
        series.last++;
        grow(series);
        for (int model = 0; model < errors.length; model++) {
            series.levels[model] += series.slopes[model];
            keep(series, model, 0);
        }
        series.used[Math.floorMod(series.last, leads)] = (byte) best(series);
    }

    /** Learns the value of the interval after the last learnt interval. */
    void learn(ForecastSeries series, double absolute) {
        double value = absolute - series.origin;
        long index = series.last + 1;
        int best = best(series);
        int known = Math.min(series.origins, leads);
        for (int model = 0; model < errors.length; model++) {
            double seasonal = seasonal(series, model, index);
            double loss = loss(series, model, index, value - seasonal, known);
            series.losses[model] += (float) (WEIGHT * (loss - series.losses[model]));
            errors[model] = value - series.levels[model] - series.slopes[model] - seasonal;
        }
        double most = FAR * series.scale;
        count(series, errors[best], most);
        boolean shifted = Math.abs(series.far) >= Math.max(FEWEST_FAR, season);
        series.last = index;
        grow(series);
        for (int model = 0; model < errors.length; model++) {
            if (shifted) {
                series.levels[model] += series.slopes[model] + errors[model];
                forget(series, model, Math.abs(series.far));
                keep(series, model, 0);
            } else {
                learn(series, model, bounded(errors[model], most));
            }
        }
        series.used[Math.floorMod(index, leads)] = (byte) best(series);
        // The smaller one of the value and its forecast, so that one absurd value does not make the scale 0.
        double size = Math.min(Math.abs(absolute), Math.abs(absolute - errors[best]));
        learnScale(series, Math.abs(errors[best]), size);
        int usual = series.age - USUAL_VISITS * Math.max(season, longSeason);
        for (int lead = 0; lead < known; lead++) {
            band.learn(series, lead, givenErrors[lead], usual);
        }
        if (shifted) {
            series.far = 0;
            series.origins = 1;
        }
    }

    private static void grow(ForecastSeries series) {
        series.age = Math.min(series.age + 1, MOST_AGE);
        series.origins = Math.min(series.origins + 1, MOST_AGE);
    }

    /**
     * The mean error of this model's forecasts for this interval. Stores the errors of the forecasts that were emitted,
     * for the bands.
     */
    private double loss(ForecastSeries series, int model, long index, double withoutSeasons, int known) {
        if (known == 0) {
            return 0;
        }
        double phi = phi(series, model);
        double most = MOST_IN_LOSS * series.scale;
        double value = withoutSeasons;
        double factor = 1;
        double sum = 0;
        int first = model * leads;
        int past = Math.floorMod(index, leads);
        for (int lead = 1; lead <= known; lead++) {
            if (slotsMeet[lead - 1]) {
                value += learntSince(series, model, index, lead - 1);
            }
            past = past == 0 ? leads - 1 : past - 1;
            factor *= phi;
            double error = value
                    - series.pastLevels[first + past]
                    - lead * series.pastSlopes[first + past]
                    - factor * series.pastErrors[first + past];
            sum += Math.min(Math.abs(error), most);
            if (series.used[past] == model) {
                givenErrors[lead - 1] = error;
            }
        }
        return sum / known;
    }

    /**
     * How much the point {@code before} intervals ago changed the slots that interval {@code index} uses. A forecast
     * that was made before that point does not include the change.
     */
    private double learntSince(ForecastSeries series, int model, long index, int before) {
        double error = series.pastErrors[model * leads + Math.floorMod(index - before, leads)];
        int age = series.age - before + 1;
        return (meet(before, season) ? seasonGain(age, model) * error : 0)
                + (meet(before, longSeason) ? longSeasonGain(age, model) * error : 0);
    }

    private void learn(ForecastSeries series, int model, double error) {
        Gains gains = models.get(model);
        double before = series.pastErrors[model * leads + Math.floorMod(series.last - 1, leads)];
        series.products[model] += WEIGHT * (error * before - series.products[model]);
        series.squares[model] += WEIGHT * (before * before - series.squares[model]);
        series.levels[model] += series.slopes[model] + gains.level() * error;
        series.slopes[model] += gains.level() * gains.slope() * error;
        if (season > 0) {
            series.seasons[seasonSlot(model, series.last)] += (float) (seasonGain(series.age, model) * error);
        }
        if (longSeason > 0) {
            series.longSeasons[longSeasonSlot(model, series.last)] +=
                    (float) (longSeasonGain(series.age, model) * error);
        }
        keep(series, model, error);
    }

    /** Undoes what the seasons and the slope have learnt from the last values, which belong to a shift. */
    private void forget(ForecastSeries series, int model, int values) {
        int first = model * leads;
        for (int before = 1; before < Math.min(values, leads); before++) {
            long index = series.last - before;
            int age = series.age - before;
            double error = series.pastErrors[first + Math.floorMod(index, leads)];
            if (season > 0) {
                series.seasons[seasonSlot(model, index)] -= (float) (seasonGain(age, model) * error);
            }
            if (longSeason > 0) {
                series.longSeasons[longSeasonSlot(model, index)] -= (float) (longSeasonGain(age, model) * error);
            }
        }
        series.slopes[model] = series.pastSlopes[first + Math.floorMod(series.last - Math.min(values, leads), leads)];
    }

    private void keep(ForecastSeries series, int model, double error) {
        int past = model * leads + Math.floorMod(series.last, leads);
        series.pastLevels[past] = (float) series.levels[model];
        series.pastSlopes[past] = (float) series.slopes[model];
        series.pastErrors[past] = (float) error;
    }

    /**
     * The fraction of the error by which a seasonal slot is corrected. After n visits it is at least 1 / (n + 1), the
     * weight of a new value in a plain mean.
     */
    private double seasonGain(int age, int model) {
        return Math.max(models.get(model).season(), 1.0 / (age / season + 1));
    }

    private double longSeasonGain(int age, int model) {
        return Math.max(models.get(model).longSeason(), 1.0 / (age / longSeason + 1));
    }

    private int seasonSlot(int model, long index) {
        return model * season + Math.floorMod(index, season);
    }

    private int longSeasonSlot(int model, long index) {
        return model * longSeason + Math.floorMod(index, longSeason);
    }

    private double seasonal(ForecastSeries series, int model, long index) {
        return (season > 0 ? series.seasons[seasonSlot(model, index)] : 0)
                + (longSeason > 0 ? series.longSeasons[longSeasonSlot(model, index)] : 0);
    }

    private static double phi(ForecastSeries series, int model) {
        double squares = series.squares[model];
        return squares > 0 ? Math.max(0, Math.min(MOST_PHI, series.products[model] / squares)) : 0;
    }

    private static void count(ForecastSeries series, double error, double most) {
        int side = Math.abs(error) > most ? (int) Math.signum(error) : 0;
        series.far = side == 0 || side * series.far < 0 ? side : series.far + side;
    }

    private static void learnScale(ForecastSeries series, double error, double value) {
        double most = series.scale > 0 ? MOST_IN_SCALE * series.scale : error;
        series.scale += SCALE_WEIGHT * (Math.min(error, most) - series.scale);
        if (series.scale < ROUNDING * value) {
            series.scale = 0;
        }
    }

    /** The model with the best forecasts. */
    static int best(ForecastSeries series) {
        int best = 0;
        for (int model = 1; model < series.losses.length; model++) {
            if (series.losses[model] < series.losses[best]) {
                best = model;
            }
        }
        return best;
    }

    /** The forecast of a model, {@code lead} intervals ahead. */
    double forecast(ForecastSeries series, int model, int lead) {
        double error = series.pastErrors[model * leads + Math.floorMod(series.last, leads)];
        return series.origin
                + series.levels[model]
                + lead * series.slopes[model]
                + seasonal(series, model, series.last + lead)
                + Math.pow(phi(series, model), lead) * error;
    }
}
