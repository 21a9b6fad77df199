package org.kapacitorudf.internal.line;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.wire.ClassInitializer;

/**
 * Gives the agent and its tools access to methods of {@code OptionValues} that are not public: they parse the options
 * of a TICKscript or a command line. {@code OptionValues} sets the only instance when it is initialised.
 *
 * <p>Threading: safe for use by any thread.
 *
 * @param <O> {@code Option}, on which this package must not depend
 * @param <V> {@code OptionValues}
 */
public abstract class OptionAccess<O, V> {
    private static volatile @Nullable OptionAccess<?, ?> instance;

    protected OptionAccess() {}

    /** Sets the instance. For {@code OptionValues} only. */
    public static void set(OptionAccess<?, ?> access) {
        instance = access;
    }

    /**
     * Returns the instance.
     *
     * @param valuesClass {@code OptionValues}, which is initialised if necessary
     */
    @SuppressWarnings("unchecked") // OptionValues has set the instance
    public static <O, V> OptionAccess<O, V> of(Class<V> valuesClass) {
        ClassInitializer.initialize(valuesClass);
        return (OptionAccess<O, V>) Objects.requireNonNull(instance);
    }

    /**
     * Checks the given options against the declared ones.
     *
     * @throws RuntimeException a {@code UdfException} with all problems; those of declared options come first, in the
     *     order of declaration
     */
    public abstract V parse(Collection<? extends O> declared, Collection<GivenOption> given);

    /**
     * Reads options from a command line according to their declared types: {@code size=3}, {@code period=90s},
     * {@code multi='x',7,0.25}, {@code verbose}. A string may be in single quotes. It must be in single quotes if the
     * option has several arguments and the string contains a comma.
     *
     * <p>A value that cannot be parsed is passed on as a string; {@link #parse} then reports it together with all other
     * problems.
     */
    public abstract List<GivenOption> fromText(Collection<? extends O> declared, Collection<String> entries);
}
