package org.kapacitorudf.option;

import java.util.Optional;

/** Lets {@link Literal} be tried. */
public final class Literals {
    private Literals() {}

    /** A value as it is typed; empty if it is none. */
    public static Optional<Object> parse(ArgumentType type, String text) {
        return Literal.parse(type, text);
    }

    /** A value as it stands in a TICKscript. */
    public static String of(Object value) {
        return Literal.of(value);
    }
}
