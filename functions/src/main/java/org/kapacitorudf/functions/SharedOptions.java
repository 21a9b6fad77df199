package org.kapacitorudf.functions;

import java.time.Duration;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;

/** Options that several functions share. */
final class SharedOptions {
    /** Describes in words the condition that {@link #isName} checks. */
    static final String A_NAME = "not empty, no line break";

    /** The field to read. Required. */
    static final Option<String> FIELD = Option.string("field")
            .required()
            .check(A_NAME, SharedOptions::isName)
            .help("field to read, double or int");

    /** The prefix of the names of the result's fields. */
    static final Option<String> AS = Option.string("as")
            .orElse("")
            .check("no line break", SharedOptions::isOneLine)
            .help("prefix of the name of each field of the result, such as 'cpu_'");

    /** How long a group without points is kept. */
    static final Option<Duration> EXPIRE = Option.duration("expire")
            .orElse(Duration.ofDays(30))
            .moreThan(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("removes a group that had no point for this long; the times of the points count");

    private SharedOptions() {}

    /** Whether the text is a valid name of a measurement or field: no consumer accepts a line break. */
    static boolean isName(String name) {
        return !name.isEmpty() && isOneLine(name);
    }

    private static boolean isOneLine(String name) {
        return name.indexOf('\n') < 0;
    }

    /** The expiry set by {@link #EXPIRE}. */
    static Expiry expiry(Duration expire) {
        return Expiry.afterEventTime(expire);
    }
}
