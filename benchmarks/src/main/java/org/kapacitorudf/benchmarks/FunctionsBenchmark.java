package org.kapacitorudf.benchmarks;

import java.time.ZoneOffset;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.kapacitorudf.functions.baseline.Season;
import org.kapacitorudf.functions.baseline.SeasonBand;
import org.kapacitorudf.functions.baseline.SeasonSeries;
import org.kapacitorudf.functions.changepoint.Cusum;
import org.kapacitorudf.functions.changepoint.RegimeSeries;
import org.kapacitorudf.functions.detect.Direction;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Policy;
import org.kapacitorudf.functions.deviation.RecordBand;
import org.kapacitorudf.functions.deviation.RecordSeries;
import org.kapacitorudf.functions.distinct.DistinctSeries;
import org.kapacitorudf.functions.distinct.ValueHash;
import org.kapacitorudf.functions.forecast.ForecastSeries;
import org.kapacitorudf.functions.forecast.Forecaster;
import org.kapacitorudf.functions.forecast.Gains;
import org.kapacitorudf.functions.latest.Recent;
import org.kapacitorudf.functions.panes.PaneSeries;
import org.kapacitorudf.functions.panes.SlidingWindow;
import org.kapacitorudf.functions.peers.Cohort;
import org.kapacitorudf.functions.peers.Comparison;
import org.kapacitorudf.functions.quantiles.DigestSeries;
import org.kapacitorudf.functions.quantiles.Distribution;
import org.kapacitorudf.functions.resample.Grid;
import org.kapacitorudf.functions.resample.GridSeries;
import org.kapacitorudf.functions.sessions.Session;
import org.kapacitorudf.functions.smooth.Ema;
import org.kapacitorudf.functions.smooth.OneEuro;
import org.kapacitorudf.functions.smooth.SortedWindow;
import org.kapacitorudf.functions.smooth.TimeMean;
import org.kapacitorudf.functions.timeto.FillSeries;
import org.kapacitorudf.functions.timeto.Trend;
import org.kapacitorudf.functions.top.TopSeries;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures the computation for one point, without decoding and encoding. Points are ten seconds apart. For functions
 * over a sliding window of five panes, a pane has 10,000 points, and results are measured separately.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class FunctionsBenchmark {
    private static final long STEP_NANOS = 10_000_000_000L;
    private static final long DAY_NANOS = 86_400_000_000_000L;
    private static final int PANES = 5;
    private static final int PRECISION = 10;
    private static final int COUNTERS = 100;

    private static final String[] MEMBERS =
            IntStream.range(0, 100).mapToObj(i -> "server" + i).toArray(String[]::new);

    private final double[] noise = new Random(1).doubles(4096).toArray();
    private final Policy policy =
            new Policy(86_400, Direction.BOTH, 43_200, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
    private final Judgement judgement = new Judgement();
    private final RecordBand records = new RecordBand(0.05, 20, 28 * DAY_NANOS);
    private final RecordSeries recordSeries = records.fresh();
    private final SeasonBand seasons =
            new SeasonBand(new Season(Season.WEEK_SECONDS, 3600, ZoneOffset.UTC), 4, 86_400, 21 * 86_400);
    private final SeasonSeries seasonSeries = seasons.fresh();
    private final Trend trend = new Trend(1e9, DAY_NANOS / 4, 60, 0.2, 30 * 86_400);
    private final FillSeries fillSeries = new FillSeries();
    private final Recent recent = new Recent();
    private final Recent.Found found = new Recent.Found();
    private final Grid grid = new Grid(60_000_000_000L, Grid.Method.MEAN, Grid.Fill.LINEAR, DAY_NANOS / 4);
    private final GridSeries gridSeries = new GridSeries();
    private double sum;
    private final Forecaster forecaster = new Forecaster(
            Gains.GRID, DAY_NANOS / 24, 24, 168, 24, 0.8, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    private final ForecastSeries forecastSeries = new ForecastSeries();
    private long hours;
    private final Cusum cusum = new Cusum(0.5, 8, 10, 0);
    private final RegimeSeries regimeSeries = cusum.fresh();
    private final Comparison comparison = new Comparison(STEP_NANOS, 3, 10, 4, 1000, 30 * DAY_NANOS, policy);
    private final Comparison.Sink sink = (name, at, value, judged, changed) -> sum += judged.score();
    private final Cohort cohort = new Cohort();
    private int member;
    private final Session session = new Session();
    private final Ema ema = new Ema();
    private final SortedWindow median = new SortedWindow();
    private final SortedWindow hampel = new SortedWindow();
    private final TimeMean timeMean = new TimeMean();
    private final OneEuro oneEuro = new OneEuro();
    private final SlidingWindow window = new SlidingWindow(10_000 * STEP_NANOS, PANES);
    private final DigestSeries digests = new DigestSeries();
    private final DistinctSeries distinct = new DistinctSeries();
    private final TopSeries top = new TopSeries();
    private final String[] items = items();
    private long time = 1_700_000_000_000_000_000L;
    private int points;

    @Benchmark
    public double deviation() {
        policy.take(records, recordSeries, next(), noise[points & 4095], judgement);
        return judgement.score();
    }

    @Benchmark
    public double baseline() {
        policy.take(seasons, seasonSeries, next(), noise[points & 4095], judgement);
        return judgement.score();
    }

    @Benchmark
    public double timeTo() {
        long now = next();
        double value = points + noise[points & 4095];
        fillSeries.order(now, value);
        trend.learn(fillSeries, now, value);
        fillSeries.moveTo(now, value);
        return trend.secondsFrom(fillSeries, now, value);
    }

    @Benchmark
    public double changepoint() {
        policy.take(cusum, regimeSeries, next(), noise[points & 4095], judgement);
        return judgement.score();
    }

    /**
     * Measures one value of one member. The 100 members take turns. A slot is ten seconds long and has one value of
     * each member.
     */
    @Benchmark
    public double peers() {
        member = (member + 1) % MEMBERS.length;
        long now = member == 0 ? next() : time;
        comparison.take(cohort, now, MEMBERS[member], noise[(points + 97 * member) & 4095], sink);
        return sum;
    }

    @Benchmark
    public long sessions() {
        long now = next();
        session.order(now, Session.Mark.NONE);
        if (session.endsBefore(now, 2 * STEP_NANOS)) {
            session.end();
        }
        session.add(now, Session.Mark.NONE);
        return session.points();
    }

    @Benchmark
    public double latest() {
        long now = next();
        if (points % 2 == 0) {
            recent.addDouble(now, noise[points & 4095]);
        }
        return recent.find(now, DAY_NANOS, found) ? found.asDouble() : 0;
    }

    @Benchmark
    public double resample() {
        sum = 0;
        grid.take(gridSeries, next(), noise[points & 4095], (at, result) -> sum += result);
        return sum;
    }

    /** Measures one value. There is one value per hour: each completes an interval, and is learnt by all models. */
    @Benchmark
    public double forecast() {
        hours += 3_600_000_000_000L;
        points++;
        forecaster.take(forecastSeries, hours, noise[points & 4095], (lead, at, value, lower, upper) -> sum += value);
        return sum;
    }

    @Benchmark
    public double smoothEma() {
        return ema.add(next(), noise[points & 4095], 300e9);
    }

    @Benchmark
    public double smoothMedian() {
        return median.median(next(), noise[points & 4095], 9);
    }

    @Benchmark
    public double smoothHampel() {
        return hampel.hampel(next(), noise[points & 4095], 9, 3);
    }

    @Benchmark
    public double smoothMean() {
        return timeMean.add(next(), noise[points & 4095], 9);
    }

    @Benchmark
    public double smoothOneEuro() {
        return oneEuro.add(next(), noise[points & 4095], 300, 0.005);
    }

    @Setup
    public void fillWindows() {
        for (int i = 0; i < PANES * 10_000; i++) {
            quantiles();
            countDistinct();
            topK();
        }
    }

    @Benchmark
    public int quantiles() {
        double value = noise[points & 4095];
        int slot = slot(digests, Double.doubleToLongBits(value));
        digests.add(slot, PANES, value);
        return slot;
    }

    @Benchmark
    public double quantilesResult() {
        Distribution distribution = digests.distribution();
        return distribution.quantile(0.5) + distribution.quantile(0.9) + distribution.quantile(0.99);
    }

    @Benchmark
    public int countDistinct() {
        long hash = ValueHash.of(items[points & 4095]);
        int slot = slot(distinct, hash);
        distinct.add(slot, PANES, hash, PRECISION);
        return slot;
    }

    @Benchmark
    public long countDistinctResult() {
        return distinct.count(PRECISION).distinct();
    }

    @Benchmark
    public int topK() {
        String item = items[points & 4095];
        int slot = slot(top, points);
        top.add(slot, PANES, item, COUNTERS);
        return slot;
    }

    @Benchmark
    public int topKResult() {
        return top.top(10).size();
    }

    private int slot(PaneSeries series, long value) {
        return window.slotOf(series, next(), value, 0, end -> sum++);
    }

    /**
     * Returns item names that contain numbers below 1,000. The frequency of a name is roughly inversely proportional to
     * its number.
     */
    private String[] items() {
        String[] all = new String[noise.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = "client-" + (int) Math.pow(1000, noise[i]);
        }
        return all;
    }

    private long next() {
        points++;
        return time += STEP_NANOS;
    }
}
