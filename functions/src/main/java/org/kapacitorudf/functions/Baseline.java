package org.kapacitorudf.functions;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.functions.baseline.Season;
import org.kapacitorudf.functions.baseline.SeasonBand;
import org.kapacitorudf.functions.baseline.SeasonSeries;
import org.kapacitorudf.functions.detect.Method;
import org.kapacitorudf.option.Option;

/** Detects values that are unusual for the hour of the week or of the day. See {@link SeasonBand}. */
public final class Baseline extends Detector<SeasonSeries> {
    private static final Option<String> SEASON = Option.string("season")
            .orElse("week")
            .oneOf("day", "week")
            .help("the season: a day, or a week with weekends");
    private static final Option<Duration> BUCKET = Option.duration("bucket")
            .orElse(Duration.ofHours(1))
            .atLeast(Duration.ofMinutes(1))
            .atMost(Duration.ofDays(1))
            .help("the season is divided into buckets of this length; at most " + Season.MOST_BUCKETS + " pieces");
    private static final Option<String> ZONE =
            Option.string("zone").orElse("UTC").help("time zone of the season, such as 'Europe/Berlin'");
    private static final Option<Long> MEMORY =
            Option.integer("memory").orElse(4).atLeast(1).atMost(100).help("number of seasons that are remembered");
    private static final Option<Duration> RELEARN = Option.duration("relearn")
            .orElse(Duration.ofDays(1))
            .atLeast(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("an unusual value becomes usual after this time");
    private static final Option<Duration> FALSE_ALERT_EVERY = Option.duration("falseAlertEvery")
            .orElse(Duration.ofDays(21))
            .atLeast(Duration.ofHours(1))
            .atMost(Duration.ofDays(3650))
            .help("how often noise exceeds the band: a shorter time makes the band narrower");

    public Baseline() {
        super(SeasonSeries.class, Duration.ofDays(1), Duration.ofHours(12));
    }

    @Override
    Description detector() {
        return Description.stream("baseline", "whether a value is unusual for this hour of the week or of the day")
                .options(SEASON, BUCKET, ZONE, MEMORY, RELEARN, FALSE_ALERT_EVERY)
                .notes("""
                        The season is divided into buckets. The usual value and its spread are learnt for each bucket, and a slow
                        level for all together. A bucket is ready after two weeks, or three days. An unusual value is learnt once the
                        anomaly has lasted for <relearn>. Each alert widens the band on its side; it narrows again within <falseAlertEvery>.""");
    }

    @Override
    String lessState(Context context) {
        return context.option(SEASON).equals("day")
                ? "set a larger .bucket()"
                : "set .season('day') or a larger .bucket()";
    }

    @Override
    Method<SeasonSeries> method(Context context) {
        long length = context.option(SEASON).equals("day") ? Season.DAY_SECONDS : Season.WEEK_SECONDS;
        try {
            return new SeasonBand(
                    new Season(length, context.option(BUCKET).toSeconds(), ZoneId.of(context.option(ZONE))),
                    context.option(MEMORY),
                    context.option(RELEARN).toSeconds(),
                    context.option(FALSE_ALERT_EVERY).toSeconds());
        } catch (DateTimeException e) {
            throw new UdfException(
                    "zone: " + context.option(ZONE) + " (expected: a time zone, such as 'Europe/Berlin')");
        } catch (IllegalArgumentException e) {
            throw new UdfException(String.valueOf(e.getMessage()));
        }
    }
}
