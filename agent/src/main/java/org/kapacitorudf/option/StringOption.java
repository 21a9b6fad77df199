package org.kapacitorudf.option;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.kapacitorudf.Context;

/**
 * An option with a string. See {@link Option}.
 *
 * @param <T> what {@link Context#option} gives
 */
public final class StringOption<T> extends Option<T> {
    private final Definition<String, T> definition;

    StringOption(Definition<String, T> definition) {
        this.definition = definition;
    }

    /** Has to be given. */
    public StringOption<String> required() {
        return new StringOption<>(definition.required());
    }

    /** Sets the default value. It must be within the bounds. */
    public StringOption<String> orElse(String value) {
        return new StringOption<>(definition.orElse(Objects.requireNonNull(value, "value")));
    }

    /** May be given more than once; after {@link #required}, at least once. */
    public StringOption<List<String>> repeated() {
        return new StringOption<>(definition.repeated());
    }

    /** Accepts these values only. */
    public StringOption<T> oneOf(String... choices) {
        return with(new Constraint.Choice<>(List.of(choices)));
    }

    /**
     * Asks more of the value than its type.
     *
     * @param expected the check in words, as it stands after "expected:" in a message: {@code "not empty"}
     * @param accepts the check
     */
    public StringOption<T> check(String expected, Predicate<? super String> accepts) {
        return with(new Constraint.Check<String>(expected, accepts));
    }

    /** What it is good for: one line. */
    public StringOption<T> help(String text) {
        return new StringOption<>(definition.withHelp(text));
    }

    /** Keeps its value out of every message, log and documentation. */
    public StringOption<T> secret() {
        return new StringOption<>(definition.asSecret());
    }

    @Override
    Definition<String, T> definition() {
        return definition;
    }

    private StringOption<T> with(Constraint<? super String> constraint) {
        Argument<String> argument = ((Signature.One<String>) definition.signature()).argument();
        return new StringOption<>(definition.with(new Signature.One<>(argument.with(constraint))));
    }
}
