package org.kapacitorudf.option;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;

/**
 * An option of a function: its name, its arguments, and the type of its value.
 *
 * <p>Define an option as a constant, pass it to {@link Description#options}, and read its value with
 * {@link Context#option}:
 *
 * <pre>{@code
 * private static final Option<String> FIELD = Option.string("field").required().help("field to average");
 * private static final Option<Long> SIZE = Option.integer("size").required().atLeast(1).help("points per window");
 * private static final Option<String> AS = Option.string("as").orElse("avg").help("field that holds the mean");
 * private static final Option<Optional<Duration>> PERIOD = Option.duration("period").help("no limit unless given");
 * private static final Option<List<String>> TAGS = Option.string("tag").repeated().help("may be given more than once");
 * }</pre>
 *
 * <p>The type of the value depends on how often the option may be given:
 *
 * <pre>
 *   none of the following     once or not at all      {@code Optional<V>}
 *   required()                once                    {@code V}
 *   orElse(value)             once, or the default    {@code V}
 *   repeated()                any number of times     {@code List<V>}, perhaps empty
 *   required().repeated()     at least once           {@code List<V>}
 * </pre>
 *
 * <p>Threading: immutable (each method returns a modified copy); safe for use by any thread.
 *
 * <p>Errors: a contradictory definition ({@code orElse(0).atLeast(1)}, or a name that is not a TICKscript identifier)
 * throws {@link IllegalArgumentException}, or {@link IllegalStateException} if {@code required}, {@code orElse} and
 * {@code repeated} contradict each other. All problems in a TICKscript are reported in one message, before a handler
 * exists.
 *
 * @param <T> the type that {@link Context#option} returns
 */
public abstract sealed class Option<T>
        permits StringOption, IntegerOption, DoubleOption, BoolOption, DurationOption, TupleOption, FlagOption {
    Option() {}

    /** Returns an option with a string: {@code .field('value')}. */
    public static StringOption<Optional<String>> string(String name) {
        return new StringOption<>(Definition.of(name, new Signature.One<>(Argument.string(name))));
    }

    /** Returns an option with a 64-bit integer: {@code .size(10)}. */
    public static IntegerOption<Optional<Long>> integer(String name) {
        return new IntegerOption<>(Definition.of(name, new Signature.One<>(Argument.integer(name))));
    }

    /**
     * Returns an option with a number: {@code .scale(1.5)}. Write {@code 2.0} in TICKscripts, because Kapacitor rejects
     * {@code 2}. Command lines and tests may use integers.
     */
    public static DoubleOption<Optional<Double>> number(String name) {
        return new DoubleOption<>(Definition.of(name, new Signature.One<>(Argument.number(name))));
    }

    /** Returns an option whose argument is {@code TRUE} or {@code FALSE}: {@code .strict(TRUE)}. */
    public static BoolOption<Optional<Boolean>> bool(String name) {
        return new BoolOption<>(Definition.of(name, new Signature.One<>(Argument.bool(name))));
    }

    /** Returns an option with a duration: {@code .period(90s)}. */
    public static DurationOption<Optional<Duration>> duration(String name) {
        return new DurationOption<>(Definition.of(name, new Signature.One<>(Argument.duration(name))));
    }

    /** Returns an option without an argument: {@code .verbose()}. Its value is true if the option is given. */
    public static FlagOption flag(String name) {
        return new FlagOption(Definition.flag(name));
    }

    /** Returns an option with a fixed list of arguments: {@code .multi('x', 7, 0.25)}. */
    public static TupleOption<Optional<Arguments>> tuple(String name, Argument<?>... arguments) {
        if (arguments.length == 0) {
            throw new IllegalArgumentException(Problem.of(name, "no argument", "at least one, or a flag"));
        }
        Set<String> names = new HashSet<>();
        for (Argument<?> argument : arguments) {
            if (!names.add(argument.name())) {
                throw new IllegalArgumentException(Problem.of(name, argument.name(), "each argument's name once"));
            }
        }
        return new TupleOption<>(Definition.of(name, new Signature.Several(List.of(arguments), List.of())));
    }

    abstract Definition<?, T> definition();

    /** The name of the option in TICKscripts. */
    public String name() {
        return definition().name();
    }

    /** The arguments of the option, in order. */
    public List<Argument<?>> arguments() {
        return definition().signature().arguments();
    }

    /** The types of the arguments, in order, as Kapacitor requests them. */
    public List<ArgumentType> types() {
        List<ArgumentType> types = new ArrayList<>();
        for (Argument<?> argument : arguments()) {
            types.add(argument.type());
        }
        return List.copyOf(types);
    }

    /** Whether the option is required. */
    public boolean isRequired() {
        return definition().presence().isRequired();
    }

    /** Whether the option may be given more than once. */
    public boolean isRepeated() {
        return definition().presence().isRepeated();
    }

    /** Whether the value is hidden in messages, logs and documentation. */
    public boolean isSecret() {
        return definition().secret();
    }

    /** The default in TICKscript syntax, {@code 'avg'}, {@code 10}, {@code 90s}; asterisks if the option is secret. */
    public Optional<String> defaultText() {
        return defaultText(definition());
    }

    /** The bounds, choices and checks in words, {@code >= 1 and <= 100}; empty if there are none. */
    public String limits() {
        return definition().signature().limits();
    }

    /** The help text; empty if none was set. */
    public String help() {
        return definition().help();
    }

    /** The option's name. */
    @Override
    public String toString() {
        return name();
    }

    private static <V> Optional<String> defaultText(Definition<V, ?> definition) {
        Optional<V> fallback = definition.presence().fallback();
        if (fallback.isEmpty() || definition.secret()) {
            return fallback.map(value -> Problem.SECRET);
        }
        return Optional.of(definition.signature().text(fallback.get()));
    }
}
