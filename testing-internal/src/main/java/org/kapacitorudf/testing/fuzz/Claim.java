package org.kapacitorudf.testing.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Objects;
import java.util.function.Supplier;

/** Checks properties of a target. Throws an {@link AssertionError} if one does not hold. */
public final class Claim {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Claim() {}

    public static void that(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    public static void same(Object expected, Object found, String what) {
        if (!Objects.equals(expected, found)) {
            throw new AssertionError(what + ": " + found + " (expected: " + expected + ")");
        }
    }

    /**
     * Checks that this thread allocates at most {@code most} bytes for a piece of work. If it allocates more, the work
     * is repeated, and only the second run is judged, because the first run may load classes, which takes a lot of
     * memory under Jazzer.
     */
    public static <T> T allocatingAtMost(long most, String what, Supplier<T> work) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        T result = work.get();
        if (THREADS.getCurrentThreadAllocatedBytes() - before <= most) {
            return result;
        }
        before = THREADS.getCurrentThreadAllocatedBytes();
        result = work.get();
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        that(allocated <= most, what + ": " + allocated + " bytes allocated (expected: <= " + most + ")");
        return result;
    }
}
