package org.kapacitorudf.fuzz;

/** Where Jazzer comes in: by its names, with a target's name for an argument. */
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
