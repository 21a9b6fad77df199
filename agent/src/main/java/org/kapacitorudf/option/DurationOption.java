package org.kapacitorudf.option;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.kapacitorudf.Context;

/**
 * An option with a duration. See {@link Option}.
 *
 * @param <T> the type that {@link Context#option} returns
 */
public final class DurationOption<T> extends Option<T> {
    private final Definition<Duration, T> definition;

    DurationOption(Definition<Duration, T> definition) {
        this.definition = definition;
    }

    /** Makes the option required. */
    public DurationOption<Duration> required() {
        return new DurationOption<>(definition.required());
    }

    /** Sets a default, which must be within the limits. */
    public DurationOption<Duration> orElse(Duration value) {
        return new DurationOption<>(definition.orElse(Objects.requireNonNull(value, "value")));
    }

    /** Allows any number of uses. After {@link #required}, at least one use is necessary. */
    public DurationOption<List<Duration>> repeated() {
        return new DurationOption<>(definition.repeated());
    }

    /** Sets an inclusive lower bound. */
    public DurationOption<T> atLeast(Duration bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_LEAST, bound));
    }

    /** Sets an exclusive lower bound. */
    public DurationOption<T> moreThan(Duration bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.MORE_THAN, bound));
    }

    /** Sets an inclusive upper bound. */
    public DurationOption<T> atMost(Duration bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_MOST, bound));
    }

    /** Sets an exclusive upper bound. */
    public DurationOption<T> lessThan(Duration bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.LESS_THAN, bound));
    }

    /**
     * Adds a check of the value.
     *
     * @param expected the check in words, as shown after "expected:" in a message: {@code "whole seconds"}
     * @param accepts returns whether a value is valid
     */
    public DurationOption<T> check(String expected, Predicate<? super Duration> accepts) {
        return with(new Constraint.Check<Duration>(expected, accepts));
    }

    /** Sets a one-line help text. */
    public DurationOption<T> help(String text) {
        return new DurationOption<>(definition.withHelp(text));
    }

    /** Hides the value in all messages, logs and documentation. */
    public DurationOption<T> secret() {
        return new DurationOption<>(definition.asSecret());
    }

    @Override
    Definition<Duration, T> definition() {
        return definition;
    }

    private DurationOption<T> with(Constraint<? super Duration> constraint) {
        Argument<Duration> argument = ((Signature.One<Duration>) definition.signature()).argument();
        return new DurationOption<>(definition.with(new Signature.One<>(argument.with(constraint))));
    }
}
