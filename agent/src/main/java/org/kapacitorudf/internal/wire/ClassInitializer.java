package org.kapacitorudf.internal.wire;

/** Initialises classes that hand out access to what is not public in them. */
public final class ClassInitializer {
    private ClassInitializer() {}

    /** Initialises a class, unless it is. */
    public static void initialize(Class<?> type) {
        try {
            Class.forName(type.getName(), true, type.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e); // it is loaded
        }
    }
}
