package org.kapacitorudf.option;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.kapacitorudf.internal.line.GivenOption;

/**
 * One argument of an option with {@linkplain Option#tuple several arguments}: its name, type and checks.
 *
 * <pre>{@code
 * private static final Argument<String> NAME = Argument.string("name");
 * private static final Argument<Long> COUNT = Argument.integer("count").check(">= 1", count -> count >= 1);
 * private static final Option<Arguments> BAND = Option.tuple("band", NAME, COUNT).required();
 * ...
 * long count = context.option(BAND).get(COUNT);
 * }</pre>
 *
 * <p>Immutable: each method returns a changed copy. Safe for use by any thread.
 */
public final class Argument<V> {
    private final String name;
    private final ArgumentType type;
    private final Class<V> valueClass;
    private final List<Constraint<? super V>> constraints;

    private Argument(String name, ArgumentType type, Class<V> valueClass, List<Constraint<? super V>> constraints) {
        this.name = Objects.requireNonNull(name, "name");
        this.type = type;
        this.valueClass = valueClass;
        this.constraints = constraints;
    }

    /** Returns an argument that is a string: {@code 'value'}. */
    public static Argument<String> string(String name) {
        return new Argument<>(name, ArgumentType.STRING, String.class, List.of());
    }

    /** Returns an argument that is a 64-bit integer: {@code 10}. */
    public static Argument<Long> integer(String name) {
        return new Argument<>(name, ArgumentType.INT, Long.class, List.of());
    }

    /**
     * Returns an argument that is a number: {@code 0.25}. Write {@code 2.0} in TICKscripts, because Kapacitor rejects
     * {@code 2}.
     */
    public static Argument<Double> number(String name) {
        return new Argument<>(name, ArgumentType.DOUBLE, Double.class, List.of());
    }

    /** Returns an argument that is {@code TRUE} or {@code FALSE}. */
    public static Argument<Boolean> bool(String name) {
        return new Argument<>(name, ArgumentType.BOOL, Boolean.class, List.of());
    }

    /** Returns an argument that is a duration: {@code 90s}. */
    public static Argument<Duration> duration(String name) {
        return new Argument<>(name, ArgumentType.DURATION, Duration.class, List.of());
    }

    /**
     * Adds a check of the value.
     *
     * @param expected the check in words, as shown after "expected:" in a message: {@code ">= 1"}
     * @param accepts returns whether a value is valid
     */
    public Argument<V> check(String expected, Predicate<? super V> accepts) {
        return with(new Constraint.Check<V>(expected, accepts));
    }

    /** The name of the argument in messages and documentation. TICKscripts do not contain names of arguments. */
    public String name() {
        return name;
    }

    public ArgumentType type() {
        return type;
    }

    /** The bounds, choices and checks in words, {@code >= 1 and <= 100}; empty if there are none. */
    public String limits() {
        StringBuilder text = new StringBuilder();
        for (Constraint<? super V> constraint : constraints) {
            text.append(text.isEmpty() ? "" : " and ").append(constraint.text());
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return name;
    }

    Argument<V> with(Constraint<? super V> constraint) {
        List<Constraint<? super V>> more = new ArrayList<>(constraints);
        more.add(constraint);
        return new Argument<>(name, type, valueClass, List.copyOf(more));
    }

    /** The type and the limits in words: {@code an integer, >= 1}. */
    String expected() {
        return constraints.isEmpty() ? type.phrase() : type.phrase() + ", " + limits();
    }

    boolean accepts(V value) {
        for (Constraint<? super V> constraint : constraints) {
            if (!constraint.accepts(value)) {
                return false;
            }
        }
        return true;
    }

    /** Reads a given value. If the value is invalid, adds a problem and returns empty. */
    Optional<V> read(String label, Object given, boolean secret, List<String> problems) {
        if (given == GivenOption.Unset.UNSET) {
            problems.add(Problem.of(label, "not a literal", expected()));
            return Optional.empty();
        }
        Optional<V> value = converted(given);
        if (value.isEmpty()) {
            problems.add(Problem.of(label, secret ? Problem.SECRET : Literal.shown(given), expected()));
        } else if (!accepts(value.get())) {
            problems.add(Problem.of(label, secret ? Problem.SECRET : Literal.shown(given), limits()));
            return Optional.empty();
        }
        return value;
    }

    private Optional<V> converted(Object given) {
        if (type != ArgumentType.DOUBLE) {
            return valueClass.isInstance(given) ? Optional.of(valueClass.cast(given)) : Optional.empty();
        }
        if (given instanceof Number number && Double.isFinite(number.doubleValue())) {
            // + 0.0 turns -0.0 into 0.0, because compareTo() considers -0.0 smaller than 0.0.
            return Optional.of(valueClass.cast(number.doubleValue() + 0.0));
        }
        return Optional.empty();
    }
}
