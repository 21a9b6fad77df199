package org.kapacitorudf.internal.line;

/** What TICKscript takes for a name. */
public final class Tickscript {
    private Tickscript() {}

    /** Whether a word is TICKscript's own, and so cannot be a name there. */
    public static boolean isKeyword(String name) {
        return switch (name) {
            case "AND", "OR", "TRUE", "FALSE", "var", "dbrp" -> true;
            default -> false;
        };
    }
}
