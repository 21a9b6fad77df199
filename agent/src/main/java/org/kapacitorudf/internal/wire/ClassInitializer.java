package org.kapacitorudf.internal.wire;

/** Initialises a class that gives other packages access to its non-public methods; see {@link PointAccess}. */
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
