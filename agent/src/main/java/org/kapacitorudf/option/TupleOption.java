package org.kapacitorudf.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.kapacitorudf.Context;
import org.kapacitorudf.internal.line.GivenOption;

/**
 * An option with a fixed list of arguments. See {@link Option} and {@link Argument}.
 *
 * @param <T> the type that {@link Context#option} returns
 */
public final class TupleOption<T> extends Option<T> {
    private final Definition<Arguments, T> definition;

    TupleOption(Definition<Arguments, T> definition) {
        this.definition = definition;
    }

    /** Makes the option required. */
    public TupleOption<Arguments> required() {
        return new TupleOption<>(definition.required());
    }

    /** Sets default arguments, which must be within the limits. */
    public TupleOption<Arguments> orElse(Object... arguments) {
        List<String> problems = new ArrayList<>();
        Optional<Arguments> read = definition
                .signature()
                .read(name(), GivenOption.of(name(), arguments).arguments(), isSecret(), problems);
        return new TupleOption<>(definition.orElse(
                read.orElseThrow(() -> new IllegalArgumentException("default of " + String.join("; ", problems)))));
    }

    /** Allows any number of uses. After {@link #required}, at least one use is necessary. */
    public TupleOption<List<Arguments>> repeated() {
        return new TupleOption<>(definition.repeated());
    }

    /**
     * Adds a check of all arguments together.
     *
     * @param expected the check in words, as shown after "expected:" in a message: {@code "low < high"}
     * @param accepts returns whether the arguments are valid
     */
    public TupleOption<T> check(String expected, Predicate<? super Arguments> accepts) {
        Signature.Several signature = (Signature.Several) definition.signature();
        return new TupleOption<>(definition.with(signature.with(new Constraint.Check<Arguments>(expected, accepts))));
    }

    /** Sets a one-line help text. */
    public TupleOption<T> help(String text) {
        return new TupleOption<>(definition.withHelp(text));
    }

    /** Hides the arguments in all messages, logs and documentation. */
    public TupleOption<T> secret() {
        return new TupleOption<>(definition.asSecret());
    }

    @Override
    Definition<Arguments, T> definition() {
        return definition;
    }
}
