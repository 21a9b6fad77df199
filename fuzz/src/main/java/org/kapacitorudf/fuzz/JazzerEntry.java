package org.kapacitorudf.fuzz;

/** The entry point for Jazzer, found by name, with the name of a target as argument. */
public final class JazzerEntry {
    private static Target target;

    private JazzerEntry() {}

    public static void fuzzerInitialize(String[] args) {
        target = Targets.of(args[0]).make();
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        target.run(input);
    }
}
