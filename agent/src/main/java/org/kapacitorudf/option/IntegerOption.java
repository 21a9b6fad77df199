package org.kapacitorudf.option;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.kapacitorudf.Context;

/**
 * An option with an integer. See {@link Option}.
 *
 * @param <T> the type that {@link Context#option} returns
 */
public final class IntegerOption<T> extends Option<T> {
    private final Definition<Long, T> definition;

    IntegerOption(Definition<Long, T> definition) {
        this.definition = definition;
    }

    /** Makes the option required. */
    public IntegerOption<Long> required() {
        return new IntegerOption<>(definition.required());
    }

    /** Sets a default, which must be within the limits. */
    public IntegerOption<Long> orElse(long value) {
        return new IntegerOption<>(definition.orElse(value));
    }

    /** Allows any number of uses. After {@link #required}, at least one use is necessary. */
    public IntegerOption<List<Long>> repeated() {
        return new IntegerOption<>(definition.repeated());
    }

    /** Sets an inclusive lower bound. */
    public IntegerOption<T> atLeast(long bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_LEAST, bound));
    }

    /** Sets an inclusive upper bound. */
    public IntegerOption<T> atMost(long bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_MOST, bound));
    }

    /** Restricts the values to these. */
    public IntegerOption<T> oneOf(long... choices) {
        return with(new Constraint.Choice<>(LongStream.of(choices).boxed().toList()));
    }

    /**
     * Adds a check of the value.
     *
     * @param expected the check in words, as shown after "expected:" in a message: {@code "a power of two"}
     * @param accepts returns whether a value is valid
     */
    public IntegerOption<T> check(String expected, Predicate<? super Long> accepts) {
        return with(new Constraint.Check<Long>(expected, accepts));
    }

    /** Sets a one-line help text. */
    public IntegerOption<T> help(String text) {
        return new IntegerOption<>(definition.withHelp(text));
    }

    /** Hides the value in all messages, logs and documentation. */
    public IntegerOption<T> secret() {
        return new IntegerOption<>(definition.asSecret());
    }

    @Override
    Definition<Long, T> definition() {
        return definition;
    }

    private IntegerOption<T> with(Constraint<? super Long> constraint) {
        Argument<Long> argument = ((Signature.One<Long>) definition.signature()).argument();
        return new IntegerOption<>(definition.with(new Signature.One<>(argument.with(constraint))));
    }
}
