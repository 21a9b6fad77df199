package org.kapacitorudf.functions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.kapacitorudf.Udf;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * Every function of this module with the options for the tests of all functions. Add a line for a new function or
 * method.
 *
 * <p>The tests send a stream grouped by {@code host}: the measurement {@code m} has the field {@code value}, the
 * measurement {@code o} the field {@code other}; points also have a tag {@code member}.
 */
final class Samples {
    private static final List<Sample> SAMPLES = List.of(
            sample("deviation", "deviation").with("field", "value"),
            sample("baseline", "baseline").with("field", "value").with("season", "day"),
            sample("timeTo", "timeTo").with("field", "value").with("threshold", 100.0),
            sample("smooth", "smooth").with("field", "value"),
            smooth("median"),
            smooth("hampel"),
            smooth("mean"),
            smooth("oneEuro"),
            sample("latest", "latest").with("lead", "m").with("of", "o", "other"),
            resample("value", "linear"),
            resample("mean", "previous"),
            resample("increase", "none"),
            sample("forecast", "forecast").with("field", "value"),
            sample("forecast-fixed", "forecast")
                    .with("field", "value")
                    .with("grid", false)
                    .with("season", Duration.ofHours(6))
                    .with("longSeason", Duration.ZERO)
                    .with("horizon", Duration.ofHours(8))
                    .with("lastOnly"),
            sample("forecastBatch", "forecastBatch").with("field", "value").with("horizon", Duration.ofHours(6)),
            sample("quantiles", "quantiles").with("field", "value").with("window", Duration.ofHours(2)),
            sample("countDistinct", "countDistinct").with("field", "value").with("window", Duration.ofHours(2)),
            sample("topK", "topK").with("field", "value").with("window", Duration.ofHours(2)),
            sample("changepoint", "changepoint").with("field", "value"),
            sample("peers", "peers")
                    .with("field", "value")
                    .with("by", "member")
                    .with("align", Duration.ofMinutes(30))
                    .with("minMembers", 3),
            sample("sessions", "sessions")
                    .with("gap", Duration.ofMinutes(10))
                    .with("emit", "points")
                    .with("expire", Duration.ofDays(365)),
            sample("sessions-pairs", "sessions")
                    .with("field", "value")
                    .with("start", "text")
                    .with("stop", "true")
                    .with("emit", "points")
                    .with("expire", Duration.ofDays(365)));

    /**
     * Samples with enough values per pane that it is no longer exact: only for kept snapshots, because such a window
     * has few results.
     */
    private static final List<Sample> FULL_PANES = List.of(
            fullPanes("quantiles"),
            fullPanes("countDistinct"),
            fullPanes("topK").with("counters", 20).with("k", 3));

    private Samples() {}

    /**
     * A function with options.
     *
     * @param name the name of the sample, under which its snapshot is kept
     */
    record Sample(String name, Udf udf, List<Setting> settings) {
        private record Setting(String option, Object[] arguments) {}

        private Sample with(String option, Object... arguments) {
            List<Setting> more = new ArrayList<>(settings);
            more.add(new Setting(option, arguments));
            return new Sample(name, udf, more);
        }

        /** The version of the function's state. */
        int version() {
            return udf.describe().version();
        }

        UdfDriver start() {
            return builder().start();
        }

        /** Starts the function, with groups that expire after this time. */
        UdfDriver start(Duration expire) {
            List<Setting> others = settings.stream()
                    .filter(setting -> !setting.option.equals("expire"))
                    .toList();
            return new Sample(name, udf, others).with("expire", expire).start();
        }

        private UdfDriver.Builder builder() {
            UdfDriver.Builder builder = UdfDriver.of(udf).groupBy("host");
            settings.forEach(setting -> builder.option(setting.option, setting.arguments));
            return builder;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Sample smooth(String method) {
        return sample("smooth-" + method, "smooth").with("field", "value").with("method", method);
    }

    private static Sample resample(String method, String fill) {
        return sample("resample-" + method, "resample")
                .with("field", "value")
                .with("method", method)
                .with("fill", fill)
                .with("every", Duration.ofMinutes(15))
                .with("maxGap", Duration.ofDays(1));
    }

    /** A pane ends after about four days, and one of them ends directly after a kept snapshot was taken. */
    private static Sample fullPanes(String function) {
        return sample(function + "-full", function)
                .with("field", "value")
                .with("window", Duration.ofSeconds(680_208))
                .with("panes", 2);
    }

    private static Sample sample(String name, String function) {
        Udf udf = functions()
                .filter(candidate -> candidate.describe().name().equals(function))
                .findFirst()
                .orElseThrow(() -> new AssertionError("function: " + function + " (expected: of this module)"));
        return new Sample(name, udf, List.of());
    }

    /** All samples: at least one of each function. */
    static Stream<Sample> all() {
        Set<String> missing = new TreeSet<>();
        functions().forEach(udf -> missing.add(udf.describe().name()));
        SAMPLES.forEach(sample -> missing.remove(sample.udf.describe().name()));
        if (!missing.isEmpty()) {
            throw new AssertionError("functions: " + missing + " (expected: a line in Samples)");
        }
        return SAMPLES.stream();
    }

    /** The samples whose snapshots are kept. */
    static Stream<Sample> kept() {
        return Stream.concat(all(), FULL_PANES.stream());
    }

    private static Stream<Udf> functions() {
        return ServiceLoader.load(Udf.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(udf -> udf.getClass().getPackage() == Samples.class.getPackage());
    }
}
