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
 * @param <T> what {@link Context#option} gives
 */
public final class TupleOption<T> extends Option<T> {
    private final Definition<Arguments, T> definition;

    TupleOption(Definition<Arguments, T> definition) {
        this.definition = definition;
    }

    /** Has to be given. */
    public TupleOption<Arguments> required() {
        return new TupleOption<>(definition.required());
    }

    /** Sets the default arguments. They must be within the bounds. */
    public TupleOption<Arguments> orElse(Object... arguments) {
        List<String> problems = new ArrayList<>();
        Optional<Arguments> read = definition
                .signature()
                .read(name(), GivenOption.of(name(), arguments).arguments(), isSecret(), problems);
        return new TupleOption<>(definition.orElse(
                read.orElseThrow(() -> new IllegalArgumentException("default of " + String.join("; ", problems)))));
    }

    /** May be given more than once; after {@link #required}, at least once. */
    public TupleOption<List<Arguments>> repeated() {
        return new TupleOption<>(definition.repeated());
    }

    /**
     * Asks more of the arguments, taken together, than each of them does.
     *
     * @param expected the check in words, as it stands after "expected:" in a message: {@code "low < high"}
     * @param accepts the check
     */
    public TupleOption<T> check(String expected, Predicate<? super Arguments> accepts) {
        Signature.Several signature = (Signature.Several) definition.signature();
        return new TupleOption<>(definition.with(signature.with(new Constraint.Check<Arguments>(expected, accepts))));
    }

    /** What it is good for: one line. */
    public TupleOption<T> help(String text) {
        return new TupleOption<>(definition.withHelp(text));
    }

    /** Keeps its arguments out of every message, log and documentation. */
    public TupleOption<T> secret() {
        return new TupleOption<>(definition.asSecret());
    }

    @Override
    Definition<Arguments, T> definition() {
        return definition;
    }
}
