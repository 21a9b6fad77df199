package org.kapacitorudf.soak;

import io.netty.buffer.PooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;

/**
 * Reports, for each point, the resources of the server's process: live objects after a collection, buffers in use,
 * threads.
 */
public final class ResourceProbe implements Udf {
    static final String HEAP = "heap";
    static final String BUFFERS = "buffers";
    static final String DIRECT = "direct";
    static final String THREADS = "threads";
    static final String WORKERS = "workers";

    @Override
    public Description describe() {
        return Description.stream("soakInsider", "reports the resources of the server's process");
    }

    @Override
    public Handler create(Context context) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        PooledByteBufAllocator buffers = PooledByteBufAllocator.DEFAULT;
        return (point, output) -> {
            memory.gc();
            output.point(
                    point.withFields(Fields.of(HEAP, memory.getHeapMemoryUsage().getUsed())
                            .and(BUFFERS, buffers.pinnedDirectMemory() + buffers.pinnedHeapMemory())
                            .and(DIRECT, buffers.metric().usedDirectMemory())
                            .and(THREADS, Thread.getAllStackTraces().size() - workers())
                            .and(WORKERS, workers())));
        };
    }

    /** The number of the agent's worker threads. */
    private static long workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("udf-handler-"))
                .count();
    }
}
