package org.kapacitorudf.functions;

import java.time.Duration;
import org.kapacitorudf.Expiry;
import org.kapacitorudf.Option;

/** The options that several functions have: one name and one text for each. */
final class SharedOptions {
    /** The field that the function reads. Required. */
    static final Option<String> FIELD = Option.string("field")
            .required()
            .check("not empty", name -> !name.isEmpty())
            .help("field to read, double or int");

    /** What the names of the result's fields begin with. */
    static final Option<String> AS =
            Option.string("as").orElse("").help("put before the name of each field of the result, as in 'cpu_'");

    /** How long a group without points is remembered. */
    static final Option<Duration> EXPIRE = Option.duration("expire")
            .orElse(Duration.ofDays(30))
            .moreThan(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("forgets a group that had no point for this long, by the time of the points");

    private SharedOptions() {}

    /** What {@link #EXPIRE} means. */
    static Expiry expiry(Duration expire) {
        return Expiry.afterEventTime(expire);
    }
}
