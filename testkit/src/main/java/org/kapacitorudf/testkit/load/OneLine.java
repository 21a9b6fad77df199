package org.kapacitorudf.testkit.load;

/** Prints one line: the least that a program on a JVM can do. */
public final class OneLine {
    private OneLine() {}

    public static void main(String[] args) {
        System.out.println("started");
    }
}
