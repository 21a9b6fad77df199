package org.kapacitorudf.option;

/** Formats a problem with an option, in the same form as all messages: {@code name: value (expected: ...)}. */
final class Problem {
    /** Shown instead of a secret value in every message and log. */
    static final String SECRET = "****";

    private Problem() {}

    static String of(String name, String value, String expected) {
        return name + ": " + value + " (expected: " + expected + ")";
    }
}
