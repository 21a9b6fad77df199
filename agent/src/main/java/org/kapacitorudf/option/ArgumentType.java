package org.kapacitorudf.option;

/** The type of an option's argument in TICKscript. */
public enum ArgumentType {
    /** {@code TRUE} or {@code FALSE}; a {@link Boolean}. */
    BOOL("TRUE or FALSE"),
    /** {@code 10}; a {@link Long}. */
    INT("an integer"),
    /** {@code 0.25}; a {@link Double}. */
    DOUBLE("a number"),
    /** {@code 'value'}; a {@link String}. */
    STRING("a string"),
    /** {@code 90s}; a {@link java.time.Duration}. */
    DURATION("a duration, such as 90s");

    private final String phrase;

    ArgumentType(String phrase) {
        this.phrase = phrase;
    }

    /** The type in words: {@code an integer}. */
    public String phrase() {
        return phrase;
    }
}
