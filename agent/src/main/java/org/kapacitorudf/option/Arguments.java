package org.kapacitorudf.option;

import java.util.List;

/**
 * The values of an option with {@linkplain Option#tuple several arguments}.
 *
 * <p>Immutable, safe for use by any thread.
 */
public final class Arguments {
    private final List<Argument<?>> declared;
    private final List<Object> values;
    private final boolean secret;

    /** Requires values that match the declared arguments in type and order. */
    Arguments(List<Argument<?>> declared, List<Object> values, boolean secret) {
        this.declared = declared;
        this.values = List.copyOf(values);
        this.secret = secret;
    }

    /**
     * Returns the value of one argument.
     *
     * @param argument the same object that was passed to {@link Option#tuple}
     * @throws IllegalArgumentException if the option does not have this argument
     */
    public <V> V get(Argument<V> argument) {
        for (int i = 0; i < declared.size(); i++) {
            if (declared.get(i) == argument) {
                @SuppressWarnings("unchecked") // this argument has read the value
                V value = (V) values.get(i);
                return value;
            }
        }
        throw new IllegalArgumentException(Problem.of("argument", argument.name(), "one of " + declared));
    }

    /** Returns the arguments as in a TICKscript, {@code ('x', 7, 0.25)}; asterisks if the option is secret. */
    @Override
    public String toString() {
        return secret ? Problem.SECRET : Signature.listed(values);
    }
}
