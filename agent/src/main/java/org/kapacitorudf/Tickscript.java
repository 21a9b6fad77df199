package org.kapacitorudf;

/** What TICKscript takes for a name. */
final class Tickscript {
    private Tickscript() {}

    /** Whether a word is TICKscript's own, and so cannot be a name there. */
    static boolean isKeyword(String name) {
        return switch (name) {
            case "AND", "OR", "TRUE", "FALSE", "var", "dbrp" -> true;
            default -> false;
        };
    }
}
