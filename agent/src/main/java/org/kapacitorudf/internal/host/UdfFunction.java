package org.kapacitorudf.internal.host;

import java.util.Objects;
import org.kapacitorudf.Description;
import org.kapacitorudf.Udf;

/**
 * A function as its hosts know it, described once. Its calls have the context class loader of the thread that made this.
 *
 * <p>Threading: immutable, safe for any thread.
 */
public final class UdfFunction {
    private final Udf udf;
    private final Description description;
    private final ClassLoader contextClassLoader;

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

    ClassLoader contextClassLoader() {
        return contextClassLoader;
    }
}
