package org.kapacitorudf.option;

import java.util.List;
import java.util.function.Predicate;
import org.kapacitorudf.Context;

/**
 * An option with a number. See {@link Option}.
 *
 * @param <T> what {@link Context#option} gives
 */
public final class DoubleOption<T> extends Option<T> {
    private final Definition<Double, T> definition;

    DoubleOption(Definition<Double, T> definition) {
        this.definition = definition;
    }

    /** Has to be given. */
    public DoubleOption<Double> required() {
        return new DoubleOption<>(definition.required());
    }

    /** Sets the default value. It must be within the bounds. */
    public DoubleOption<Double> orElse(double value) {
        return new DoubleOption<>(definition.orElse(finite(value)));
    }

    /** May be given more than once; after {@link #required}, at least once. */
    public DoubleOption<List<Double>> repeated() {
        return new DoubleOption<>(definition.repeated());
    }

    /** Accepts nothing below the bound. */
    public DoubleOption<T> atLeast(double bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_LEAST, finite(bound)));
    }

    /** Accepts what is above the bound. */
    public DoubleOption<T> moreThan(double bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.MORE_THAN, finite(bound)));
    }

    /** Accepts nothing above the bound. */
    public DoubleOption<T> atMost(double bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_MOST, finite(bound)));
    }

    /** Accepts what is below the bound. */
    public DoubleOption<T> lessThan(double bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.LESS_THAN, finite(bound)));
    }

    /**
     * Asks more of the value than its type.
     *
     * @param expected the check in words, as it stands after "expected:" in a message: {@code "a whole number"}
     * @param accepts the check
     */
    public DoubleOption<T> check(String expected, Predicate<? super Double> accepts) {
        return with(new Constraint.Check<Double>(expected, accepts));
    }

    /** What it is good for: one line. */
    public DoubleOption<T> help(String text) {
        return new DoubleOption<>(definition.withHelp(text));
    }

    /** Keeps its value out of every message, log and documentation. */
    public DoubleOption<T> secret() {
        return new DoubleOption<>(definition.asSecret());
    }

    @Override
    Definition<Double, T> definition() {
        return definition;
    }

    private DoubleOption<T> with(Constraint<? super Double> constraint) {
        Argument<Double> argument = ((Signature.One<Double>) definition.signature()).argument();
        return new DoubleOption<>(definition.with(new Signature.One<>(argument.with(constraint))));
    }

    private double finite(double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException(Problem.of(name(), Double.toString(number), "a finite number"));
        }
        // + 0.0 makes 0.0 of -0.0, which compareTo() holds to be less.
        return number + 0.0;
    }
}
