package org.kapacitorudf.option;

import java.util.List;
import org.kapacitorudf.Context;

/**
 * An option whose argument is {@code TRUE} or {@code FALSE}. See {@link Option}.
 *
 * @param <T> the type that {@link Context#option} returns
 */
public final class BoolOption<T> extends Option<T> {
    private final Definition<Boolean, T> definition;

    BoolOption(Definition<Boolean, T> definition) {
        this.definition = definition;
    }

    /** Makes the option required. */
    public BoolOption<Boolean> required() {
        return new BoolOption<>(definition.required());
    }

    /** Sets a default. */
    public BoolOption<Boolean> orElse(boolean value) {
        return new BoolOption<>(definition.orElse(value));
    }

    /** Allows any number of uses. After {@link #required}, at least one use is necessary. */
    public BoolOption<List<Boolean>> repeated() {
        return new BoolOption<>(definition.repeated());
    }

    /** Sets a one-line help text. */
    public BoolOption<T> help(String text) {
        return new BoolOption<>(definition.withHelp(text));
    }

    /** Hides the value in all messages, logs and documentation. */
    public BoolOption<T> secret() {
        return new BoolOption<>(definition.asSecret());
    }

    @Override
    Definition<Boolean, T> definition() {
        return definition;
    }
}
