package org.kapacitorudf.functions;

import java.time.Duration;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;

/** The options that several functions have: one name and one text for each. */
final class SharedOptions {
    /** What {@link #isName} asks for, in words. */
    static final String A_NAME = "not empty, no line break";

    /** The field that the function reads. Required. */
    static final Option<String> FIELD = Option.string("field")
            .required()
            .check(A_NAME, SharedOptions::isName)
            .help("field to read, double or int");

    /** What the names of the result's fields begin with. */
    static final Option<String> AS = Option.string("as")
            .orElse("")
            .check("no line break", SharedOptions::isOneLine)
            .help("put before the name of each field of the result, as in 'cpu_'");

    /** How long a group without points is remembered. */
    static final Option<Duration> EXPIRE = Option.duration("expire")
            .orElse(Duration.ofDays(30))
            .moreThan(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("forgets a group that had no point for this long, by the time of the points");

    private SharedOptions() {}

    /** Whether a measurement or a field can have this name: no consumer can take one with a line break. */
    static boolean isName(String name) {
        return !name.isEmpty() && isOneLine(name);
    }

    private static boolean isOneLine(String name) {
        return name.indexOf('\n') < 0;
    }

    /** What {@link #EXPIRE} means. */
    static Expiry expiry(Duration expire) {
        return Expiry.afterEventTime(expire);
    }
}
