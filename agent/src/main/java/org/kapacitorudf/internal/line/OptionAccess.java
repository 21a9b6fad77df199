package org.kapacitorudf.internal.line;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.wire.ClassInitializer;

/**
 * Reads what a TICKscript or a command line gives for a function's options. That is for the agent and its tools alone: in
 * {@code OptionValues} these methods are not public. {@code OptionValues} sets this when it is initialised.
 *
 * <p>Threading: safe for any thread.
 *
 * @param <O> {@code Option}, which nothing in this package may depend on
 * @param <V> {@code OptionValues}
 */
public abstract class OptionAccess<O, V> {
    private static volatile @Nullable OptionAccess<?, ?> instance;

    protected OptionAccess() {}

    /** For {@code OptionValues} alone. */
    public static void set(OptionAccess<?, ?> access) {
        instance = access;
    }

    /** Returns the access to options, the class of whose values is given. */
    @SuppressWarnings("unchecked") // there is one such class, which sets the instance itself
    public static <O, V> OptionAccess<O, V> of(Class<V> valuesClass) {
        ClassInitializer.initialize(valuesClass);
        return (OptionAccess<O, V>) Objects.requireNonNull(instance);
    }

    /**
     * Checks what was given against what is declared.
     *
     * @throws RuntimeException a {@code UdfException} that names all problems, those of declared options first, in the
     *     order of their declaration
     */
    public abstract V parse(Collection<? extends O> declared, Collection<GivenOption> given);

    /**
     * Reads options as they are written on a command line, by the types that are declared: {@code size=3},
     * {@code period=90s}, {@code multi='x',7,0.25}, {@code verbose}. A string may stand in single quotes. It has to, where
     * commas separate several arguments and it contains one itself.
     *
     * <p>A text that cannot be read is passed on as a string: {@link #parse} then reports it with all other problems.
     */
    public abstract List<GivenOption> fromText(Collection<? extends O> declared, Collection<String> entries);
}
