package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.SharedOptions.FIELD;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.functions.smooth.Ema;
import org.kapacitorudf.functions.smooth.OneEuro;
import org.kapacitorudf.functions.smooth.SortedWindow;
import org.kapacitorudf.functions.smooth.TimeMean;
import org.kapacitorudf.option.Option;

/**
 * Removes noise from a signal. See {@link Ema}, {@link SortedWindow}, {@link TimeMean} and {@link OneEuro}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point without a finite number in the field is skipped; see {@link NumberField}.
 */
public final class Smooth implements Udf {
    private static final Duration DEFAULT_TAU = Duration.ofMinutes(5);
    private static final long DEFAULT_SIZE = 9;
    private static final double DEFAULT_SIGMAS = 3;
    private static final double DEFAULT_BETA = 0.005;

    private static final Option<String> AS = Option.string("as")
            .orElse("smooth")
            .check(SharedOptions.A_NAME, SharedOptions::isName)
            .help("name of the field that holds the smoothed value");
    private static final Option<String> METHOD = Option.string("method")
            .orElse("ema")
            .oneOf("ema", "median", "hampel", "mean", "oneEuro")
            .help("exponential moving average, moving median, Hampel filter, time-weighted mean, or 1-euro filter");
    private static final Option<Optional<Duration>> TAU = Option.duration("tau")
            .moreThan(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help(
                    "ema: time after which an old value has a weight of 1/e; oneEuro: time constant of a signal at rest; default: 5m");
    private static final Option<Optional<Long>> SIZE = Option.integer("size")
            .atLeast(2)
            .atMost(999)
            .help("median, hampel, mean: number of points; default: " + DEFAULT_SIZE);
    private static final Option<Optional<Double>> SIGMAS = Option.number("sigmas")
            .atLeast(0)
            .atMost(100)
            .help(
                    "hampel: a value further from the median than this many standard deviations is replaced; default: 3.0");
    private static final Option<Optional<Double>> BETA = Option.number("beta")
            .atLeast(0)
            .atMost(1000)
            .help("oneEuro: a higher value smooths a fast signal less; default: " + DEFAULT_BETA);

    /** An option that only some methods use, and these methods. */
    private record Use(Option<?> option, List<String> methods) {}

    private static final Use USE_OF_SIZE = new Use(SIZE, List.of("median", "hampel", "mean"));
    private static final List<Use> USES = List.of(
            new Use(TAU, List.of("ema", "oneEuro")),
            USE_OF_SIZE,
            new Use(SIGMAS, List.of("hampel")),
            new Use(BETA, List.of("oneEuro")));

    @Override
    public Description describe() {
        return Description.stream("smooth", "a field without noise: an average over time, a median, or another filter")
                .options(FIELD, AS, METHOD, TAU, SIZE, SIGMAS, BETA, EXPIRE)
                .notes("""
                        Each point is emitted with its own fields and the result. No method looks ahead, so the result lags behind the signal.
                        ema and oneEuro start at the first value; the others use fewer points until there are <size>.
                        Points may come at irregular times; median and hampel count points whatever their times.
                        Ints and doubles are accepted. A late point and a duplicate get the current result and change nothing. A point
                        without a finite number in the field is skipped, counted and logged.""");
    }

    @Override
    public Handler create(Context context) {
        String method = context.option(METHOD);
        for (Use use : USES) {
            boolean isGiven = ((Optional<?>) context.option(use.option)).isPresent();
            if (isGiven && !use.methods.contains(method)) {
                throw new UdfException(use.option.name() + ": given (expected: only with a method of " + use.methods
                        + ", not '" + method + "')");
            }
        }
        NumberField field = new NumberField(context.option(FIELD));
        String as = context.option(AS);
        Filter filter = filter(context, method);
        return (point, output) -> {
            double value = field.of(point);
            output.point(point.withField(as, filter.add(point.group(), point.timeNanos(), value)));
        };
    }

    /** A method with its options and the state of all groups. */
    private interface Filter {
        double add(String group, long time, double value);
    }

    private static Filter filter(Context context, String method) {
        double tauNanos = context.option(TAU).orElse(DEFAULT_TAU).toNanos();
        int size = Math.toIntExact(context.option(SIZE).orElse(DEFAULT_SIZE));
        return switch (method) {
            case "ema" -> {
                Groups<Ema> groups = groups(context, "ema", Ema.class, Ema::new, Ema.SNAPSHOT_BYTES);
                yield (group, time, value) -> groups.of(group).add(time, value, tauNanos);
            }
            case "oneEuro" -> {
                double beta = context.option(BETA).orElse(DEFAULT_BETA);
                Groups<OneEuro> groups =
                        groups(context, "oneEuro", OneEuro.class, OneEuro::new, OneEuro.SNAPSHOT_BYTES);
                yield (group, time, value) -> groups.of(group).add(time, value, tauNanos / 1e9, beta);
            }
            case "mean" -> {
                Groups<TimeMean> groups =
                        groups(context, "mean", TimeMean.class, TimeMean::new, TimeMean.snapshotBytes(size));
                yield (group, time, value) -> groups.of(group).add(time, value, size);
            }
            case "median" -> {
                Groups<SortedWindow> groups = groups(
                        context, "sorted", SortedWindow.class, SortedWindow::new, SortedWindow.snapshotBytes(size));
                yield (group, time, value) -> groups.of(group).median(time, value, size);
            }
            case "hampel" -> {
                double sigmas = context.option(SIGMAS).orElse(DEFAULT_SIGMAS);
                Groups<SortedWindow> groups = groups(
                        context, "sorted", SortedWindow.class, SortedWindow::new, SortedWindow.snapshotBytes(size));
                yield (group, time, value) -> groups.of(group).hampel(time, value, size, sigmas);
            }
            default -> throw new AssertionError(method);
        };
    }

    private static <T> Groups<T> groups(
            Context context, String name, Class<T> type, Supplier<T> fresh, long snapshotBytes) {
        boolean isWindow = USE_OF_SIZE.methods.contains(context.option(METHOD));
        String help = isWindow ? "set a smaller .size()" : "";
        return new Groups<>(context, name, type, fresh, new SnapshotBudget(context, snapshotBytes, help));
    }
}
