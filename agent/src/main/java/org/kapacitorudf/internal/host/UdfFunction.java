package org.kapacitorudf.internal.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.kapacitorudf.Description;
import org.kapacitorudf.Udf;

/**
 * A function and its description, which is read only once. The function is called with the context class loader of the
 * thread that created this object.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class UdfFunction {
    private static final int MAX_COUNTERS = 32;
    private static final Pattern COUNTER = Pattern.compile("[a-z_]+");

    private final Udf udf;
    private final Description description;
    private final ClassLoader contextClassLoader;

    @GuardedBy("counters")
    private final Set<String> counters = new TreeSet<>();

    private UdfFunction(Udf udf, Description description) {
        this.udf = udf;
        this.description = description;
        this.contextClassLoader = Thread.currentThread().getContextClassLoader();
    }

    public static UdfFunction of(Udf udf) {
        Description description = Objects.requireNonNull(udf.describe(), "description");
        return new UdfFunction(udf, description);
    }

    Udf udf() {
        return udf;
    }

    public Description description() {
        return description;
    }

    public String name() {
        return description.name();
    }

    /**
     * Registers a counter. The number of counters of a function is limited, because each is a separate time series for
     * every node.
     *
     * @throws IllegalArgumentException if the name is invalid, or if there are too many counters
     */
    public void requireCounter(String counter) {
        if (!COUNTER.matcher(counter).matches()) {
            throw new IllegalArgumentException("counter: \"" + counter + "\" (expected: " + COUNTER + ")");
        }
        synchronized (counters) {
            if (!counters.contains(counter) && counters.size() >= MAX_COUNTERS) {
                throw new IllegalArgumentException("counter: \"" + counter + "\", after " + counters.size()
                        + " others of the function (expected: <= " + MAX_COUNTERS + ")");
            }
            counters.add(counter);
        }
    }

    ClassLoader contextClassLoader() {
        return contextClassLoader;
    }
}
