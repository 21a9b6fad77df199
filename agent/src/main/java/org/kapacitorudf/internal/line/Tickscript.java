package org.kapacitorudf.internal.line;

/** Names in TICKscript. */
public final class Tickscript {
    private Tickscript() {}

    /** Whether a word is a keyword of TICKscript and therefore cannot be used as a name. */
    public static boolean isKeyword(String name) {
        return switch (name) {
            case "AND", "OR", "TRUE", "FALSE", "var", "dbrp" -> true;
            default -> false;
        };
    }
}
