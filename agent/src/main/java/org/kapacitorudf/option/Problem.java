package org.kapacitorudf.option;

/** What is wrong with an option, in the form that all messages have: {@code name: value (expected: ...)}. */
final class Problem {
    /** Stands for a secret value wherever a person or a log could see it. */
    static final String SECRET = "****";

    private Problem() {}

    static String of(String name, String value, String expected) {
        return name + ": " + value + " (expected: " + expected + ")";
    }
}
