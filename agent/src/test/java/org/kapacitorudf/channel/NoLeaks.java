package org.kapacitorudf.channel;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.function.Executable;
import org.slf4j.LoggerFactory;

/**
 * Fails a test class during which Netty has reported a buffer that nobody released.
 *
 * <p>How much it sees depends on {@code io.netty.leakDetection.level}; the build sets it to {@code paranoid}.
 */
public final class NoLeaks implements BeforeAllCallback, AfterAllCallback {
    private final Logger detectorLog = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
    private final ListAppender<ILoggingEvent> reports = new ListAppender<>();

    @Override
    public void beforeAll(ExtensionContext context) {
        assertThat(ResourceLeakDetector.getLevel())
                .as("-Dio.netty.leakDetection.level")
                .isEqualTo(ResourceLeakDetector.Level.PARANOID);
        reports.start();
        detectorLog.addAppender(reports);
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        collectGarbage();
        PooledByteBufAllocator.DEFAULT.buffer(1).release(); // the detector reports when it tracks the next buffer
        detectorLog.detachAppender(reports);
        assertThat(reports.list).as("leaked buffers").isEmpty();
    }

    /** Runs what uses so many buffers that one in a hundred shows a leak as well as each would, and faster. */
    static void sampling(Executable manyBuffers) throws Throwable {
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
        try {
            manyBuffers.execute();
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
    }

    private static void collectGarbage() throws InterruptedException {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        PhantomReference<Object> canary = new PhantomReference<>(new Object(), collected);
        System.gc();
        assertThat(collected.remove(TimeUnit.SECONDS.toMillis(10)))
                .as("a garbage collection")
                .isSameAs(canary);
    }
}
