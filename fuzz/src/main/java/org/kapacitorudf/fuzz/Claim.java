package org.kapacitorudf.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Objects;

/** What a target says must hold. An {@link AssertionError} if it does not. */
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

    /** How many bytes this thread has allocated in its life. */
    public static long allocatedBytes() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /** This thread has allocated no more than {@code most} bytes since it had allocated {@code before}. */
    public static void allocatedAtMost(long most, long before, String by) {
        long allocated = allocatedBytes() - before;
        if (allocated > most) {
            throw new AssertionError(by + ": " + allocated + " bytes allocated (expected: <= " + most + ")");
        }
    }
}
