package org.kapacitorudf.option;

import java.util.Optional;

/** Gives access to {@link Literal}. */
public final class Literals {
    private Literals() {}

    /** Parses a value; empty if it is invalid. */
    public static Optional<Object> parse(ArgumentType type, String text) {
        return Literal.parse(type, text);
    }

    /** A value in TICKscript syntax. */
    public static String of(Object value) {
        return Literal.of(value);
    }
}
