package org.kapacitorudf.option;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.kapacitorudf.Context;

/**
 * An option with a string. See {@link Option}.
 *
 * @param <T> the type that {@link Context#option} returns
 */
public final class StringOption<T> extends Option<T> {
    private final Definition<String, T> definition;

    StringOption(Definition<String, T> definition) {
        this.definition = definition;
    }

    /** Makes the option required. */
    public StringOption<String> required() {
        return new StringOption<>(definition.required());
    }

    /** Sets a default, which must be within the limits. */
    public StringOption<String> orElse(String value) {
        return new StringOption<>(definition.orElse(Objects.requireNonNull(value, "value")));
    }

    /** Allows any number of uses. After {@link #required}, at least one use is necessary. */
    public StringOption<List<String>> repeated() {
        return new StringOption<>(definition.repeated());
    }

    /** Restricts the values to these. */
    public StringOption<T> oneOf(String... choices) {
        return with(new Constraint.Choice<>(List.of(choices)));
    }

    /**
     * Adds a check of the value.
     *
     * @param expected the check in words, as shown after "expected:" in a message: {@code "not empty"}
     * @param accepts returns whether a value is valid
     */
    public StringOption<T> check(String expected, Predicate<? super String> accepts) {
        return with(new Constraint.Check<String>(expected, accepts));
    }

    /** Sets a one-line help text. */
    public StringOption<T> help(String text) {
        return new StringOption<>(definition.withHelp(text));
    }

    /** Hides the value in all messages, logs and documentation. */
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
