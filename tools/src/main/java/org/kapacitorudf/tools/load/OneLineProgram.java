package org.kapacitorudf.tools.load;

/** Prints one line: the least that a JVM program can do. */
public final class OneLineProgram {
    private OneLineProgram() {}

    public static void main(String[] args) {
        System.out.println("started");
    }
}
