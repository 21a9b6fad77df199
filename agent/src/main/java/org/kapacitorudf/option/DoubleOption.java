package org.kapacitorudf.option;

import java.util.List;
import java.util.function.Predicate;
import org.kapacitorudf.Context;

/**
 * An option with a number. See {@link Option}.
 *
 * @param <T> the type that {@link Context#option} returns
 */
public final class DoubleOption<T> extends Option<T> {
    private final Definition<Double, T> definition;

    DoubleOption(Definition<Double, T> definition) {
        this.definition = definition;
    }

    /** Makes the option required. */
    public DoubleOption<Double> required() {
        return new DoubleOption<>(definition.required());
    }

    /** Sets a default, which must be within the limits. */
    public DoubleOption<Double> orElse(double value) {
        return new DoubleOption<>(definition.orElse(finite(value)));
    }

    /** Allows any number of uses. After {@link #required}, at least one use is necessary. */
    public DoubleOption<List<Double>> repeated() {
        return new DoubleOption<>(definition.repeated());
    }

    /** Sets an inclusive lower bound. */
    public DoubleOption<T> atLeast(double bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_LEAST, finite(bound)));
    }

    /** Sets an exclusive lower bound. */
    public DoubleOption<T> moreThan(double bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.MORE_THAN, finite(bound)));
    }

    /** Sets an inclusive upper bound. */
    public DoubleOption<T> atMost(double bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.AT_MOST, finite(bound)));
    }

    /** Sets an exclusive upper bound. */
    public DoubleOption<T> lessThan(double bound) {
        return with(new Constraint.Bound<>(Constraint.Relation.LESS_THAN, finite(bound)));
    }

    /**
     * Adds a check of the value.
     *
     * @param expected the check in words, as shown after "expected:" in a message: {@code "a whole number"}
     * @param accepts returns whether a value is valid
     */
    public DoubleOption<T> check(String expected, Predicate<? super Double> accepts) {
        return with(new Constraint.Check<Double>(expected, accepts));
    }

    /** Sets a one-line help text. */
    public DoubleOption<T> help(String text) {
        return new DoubleOption<>(definition.withHelp(text));
    }

    /** Hides the value in all messages, logs and documentation. */
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
        // + 0.0 turns -0.0 into 0.0, because compareTo() considers -0.0 smaller than 0.0.
        return number + 0.0;
    }
}
