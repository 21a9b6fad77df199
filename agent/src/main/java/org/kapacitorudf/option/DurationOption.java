package org.kapacitorudf.option;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.kapacitorudf.Context;

/**
 * An option with a duration. See {@link Option}.
 *
 * @param <T> what {@link Context#option} gives
 */
public final class DurationOption<T> extends Option<T> {
    private final Definition<Duration, T> definition;

    DurationOption(Definition<Duration, T> definition) {
        this.definition = definition;
    }

    /** Has to be given. */
    public DurationOption<Duration> required() {
        return new DurationOption<>(definition.required());
    }

    /** Sets the default value. It must be within the bounds. */
    public DurationOption<Duration> orElse(Duration value) {
        return new DurationOption<>(definition.orElse(Objects.requireNonNull(value, "value")));
    }

    /** May be given more than once; after {@link #required}, at least once. */
    public DurationOption<List<Duration>> repeated() {
        return new DurationOption<>(definition.repeated());
    }

    /** Accepts nothing below the bound. */
    public DurationOption<T> atLeast(Duration bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_LEAST, bound));
    }

    /** Accepts what is above the bound. */
    public DurationOption<T> moreThan(Duration bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.MORE_THAN, bound));
    }

    /** Accepts nothing above the bound. */
    public DurationOption<T> atMost(Duration bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_MOST, bound));
    }

    /** Accepts what is below the bound. */
    public DurationOption<T> lessThan(Duration bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.LESS_THAN, bound));
    }

    /**
     * Asks more of the value than its type.
     *
     * @param expected the check in words, as it stands after "expected:" in a message: {@code "whole seconds"}
     * @param accepts the check
     */
    public DurationOption<T> check(String expected, Predicate<? super Duration> accepts) {
        return with(new Constraint.Check<Duration>(expected, accepts));
    }

    /** What it is good for: one line. */
    public DurationOption<T> help(String text) {
        return new DurationOption<>(definition.withHelp(text));
    }

    /** Keeps its value out of every message, log and documentation. */
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
