package org.kapacitorudf.internal.wire;

/** Initialises classes that provide access to their non-public parts. */
public final class ClassInitializer {
    private ClassInitializer() {}

    /** Initialises a class if necessary. */
    public static void initialize(Class<?> type) {
        try {
            Class.forName(type.getName(), true, type.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e); // the class is already loaded
        }
    }
}
