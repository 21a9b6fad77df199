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

/** Is this value unusual for this hour of the week, or of the day? See {@link SeasonBand}. */
public final class Baseline extends Detector<SeasonSeries> {
    private static final Option<String> SEASON = Option.string("season")
            .orElse("week")
            .oneOf("day", "week")
            .help("what repeats: a day, or a week with weekends");
    private static final Option<Duration> BUCKET = Option.duration("bucket")
            .orElse(Duration.ofHours(1))
            .atLeast(Duration.ofMinutes(1))
            .atMost(Duration.ofDays(1))
            .help("the season is cut into pieces of this length; at most " + Season.MOST_BUCKETS + " pieces");
    private static final Option<String> ZONE =
            Option.string("zone").orElse("UTC").help("time zone of the season, as in 'Europe/Berlin'");
    private static final Option<Long> MEMORY =
            Option.integer("memory").orElse(4).atLeast(1).atMost(100).help("number of seasons that are remembered");
    private static final Option<Duration> RELEARN = Option.duration("relearn")
            .orElse(Duration.ofDays(1))
            .atLeast(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("what is unusual for this long becomes usual");
    private static final Option<Duration> FALSE_ALERT_EVERY = Option.duration("falseAlertEvery")
            .orElse(Duration.ofDays(21))
            .atLeast(Duration.ofHours(1))
            .atMost(Duration.ofDays(3650))
            .help("the band is so wide that noise leaves it this often: less finds more");

    public Baseline() {
        super(SeasonSeries.class, Duration.ofDays(1), Duration.ofHours(12));
    }

    @Override
    Description detector() {
        return Description.stream("baseline", "whether a value is unusual for this hour of the week or of the day")
                .options(SEASON, BUCKET, ZONE, MEMORY, RELEARN, FALSE_ALERT_EVERY)
                .notes("""
                        The season is cut into buckets. For each the usual value and its spread are learnt, and for all together a slow
                        level. A bucket is ready after two weeks, or three days. An unusual value is not learnt until the anomaly has lasted
                        for <relearn>. Each alert widens the band on its side, and it narrows again in <falseAlertEvery>.""");
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
            throw new UdfException("zone: " + context.option(ZONE) + " (expected: a time zone, as in 'Europe/Berlin')");
        } catch (IllegalArgumentException e) {
            throw new UdfException(e.getMessage());
        }
    }
}
