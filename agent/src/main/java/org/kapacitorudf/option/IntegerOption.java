package org.kapacitorudf.option;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.kapacitorudf.Context;

/**
 * An option with an integer. See {@link Option}.
 *
 * @param <T> what {@link Context#option} gives
 */
public final class IntegerOption<T> extends Option<T> {
    private final Definition<Long, T> definition;

    IntegerOption(Definition<Long, T> definition) {
        this.definition = definition;
    }

    /** Has to be given. */
    public IntegerOption<Long> required() {
        return new IntegerOption<>(definition.required());
    }

    /** Sets the default value. It must be within the bounds. */
    public IntegerOption<Long> orElse(long value) {
        return new IntegerOption<>(definition.orElse(value));
    }

    /** May be given more than once; after {@link #required}, at least once. */
    public IntegerOption<List<Long>> repeated() {
        return new IntegerOption<>(definition.repeated());
    }

    /** Accepts nothing below the bound. */
    public IntegerOption<T> atLeast(long bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_LEAST, bound));
    }

    /** Accepts nothing above the bound. */
    public IntegerOption<T> atMost(long bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_MOST, bound));
    }

    /** Accepts these values only. */
    public IntegerOption<T> oneOf(long... choices) {
        return with(new Constraint.Choice<>(LongStream.of(choices).boxed().toList()));
    }

    /**
     * Asks more of the value than its type.
     *
     * @param expected the check in words, as it stands after "expected:" in a message: {@code "a power of two"}
     * @param accepts the check
     */
    public IntegerOption<T> check(String expected, Predicate<? super Long> accepts) {
        return with(new Constraint.Check<Long>(expected, accepts));
    }

    /** What it is good for: one line. */
    public IntegerOption<T> help(String text) {
        return new IntegerOption<>(definition.withHelp(text));
    }

    /** Keeps its value out of every message, log and documentation. */
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
