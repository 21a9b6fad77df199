package org.kapacitorudf.option;

import java.util.List;
import org.kapacitorudf.Context;

/**
 * An option with {@code TRUE} or {@code FALSE}. See {@link Option}.
 *
 * @param <T> what {@link Context#option} gives
 */
public final class BoolOption<T> extends Option<T> {
    private final Definition<Boolean, T> definition;

    BoolOption(Definition<Boolean, T> definition) {
        this.definition = definition;
    }

    /** Has to be given. */
    public BoolOption<Boolean> required() {
        return new BoolOption<>(definition.required());
    }

    /** Sets the default value. It must be within the bounds. */
    public BoolOption<Boolean> orElse(boolean value) {
        return new BoolOption<>(definition.orElse(value));
    }

    /** May be given more than once; after {@link #required}, at least once. */
    public BoolOption<List<Boolean>> repeated() {
        return new BoolOption<>(definition.repeated());
    }

    /** What it is good for: one line. */
    public BoolOption<T> help(String text) {
        return new BoolOption<>(definition.withHelp(text));
    }

    /** Keeps its value out of every message, log and documentation. */
    public BoolOption<T> secret() {
        return new BoolOption<>(definition.asSecret());
    }

    @Override
    Definition<Boolean, T> definition() {
        return definition;
    }
}
