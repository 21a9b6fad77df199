package org.kapacitorudf.testing.leaks;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.function.Executable;

/**
 * Fails a test class that leaks a Netty buffer: one that was garbage collected without being released. Every buffer is
 * tracked; a report shows where it was created, retained, touched and released.
 *
 * <p>JUnit finds this extension on the class path. Processes started by tests are tracked with {@link #flags}. A buffer
 * that is held until after the end of its test class is detected at the end of another class, or of all classes; the
 * trace in the report is then more useful than the name of the class.
 */
public final class NoLeaks implements BeforeAllCallback, AfterAllCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(NoLeaks.class);
    private static final LeakReports HERE = LeakReports.OF_THIS_JVM;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Path STARTED;

    /**
     * The property that makes Netty record where a buffer was acquired and released, but not each read and write,
     * because that would take a lot of CPU time.
     */
    private static final String RECORDS = "io.netty.leakDetection.acquireAndReleaseOnly";

    static {
        System.setProperty(RECORDS, "true");
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Detectors());
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        createConstants();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        try {
            STARTED = Files.createTempDirectory("leaks");
            STARTED.toFile().deleteOnExit();
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Netty has buffers that are never released. If they were tracked, every check would need a garbage collection. */
    private static void createConstants() {
        try {
            Class.forName("io.netty.handler.codec.http.HttpObjectEncoder");
        } catch (ClassNotFoundException e) {
            // The tested module does not use HTTP.
        }
    }

    /**
     * Flags for a JVM that a test starts with the test's class path. A leak in that JVM also fails the test class,
     * provided that the JVM exits normally.
     */
    public static List<String> flags() {
        return List.of(
                "-Dio.netty.leakDetection.level=paranoid",
                "-D" + RECORDS + "=true",
                "-Dio.netty.customResourceLeakDetector=" + ReportingLeakDetector.class.getName(),
                "-D" + LeakReports.DIRECTORY_PROPERTY + "=" + STARTED);
    }

    /** Runs code that uses many buffers: only one in a hundred is tracked, which is faster and still finds leaks. */
    public static void sampling(Executable manyBuffers) throws Throwable {
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
        try {
            manyBuffers.execute();
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        if (level != ResourceLeakDetector.Level.PARANOID) {
            throw new AssertionError("leak detection: " + level + " (expected: PARANOID; a test has changed it)");
        }
        context.getRoot().getStore(NAMESPACE).computeIfAbsent(AtTheEnd.class, key -> new AtTheEnd());
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        boolean nested =
                context.getParent().flatMap(ExtensionContext::getTestClass).isPresent();
        if (!nested) {
            refuse(HERE.findings());
        }
        refuse(ofWhatTestsStarted());
    }

    private static List<String> ofWhatTestsStarted() throws IOException {
        List<String> reports = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(STARTED)) {
            for (Path file : files) {
                reports.add("process " + file.getFileName() + ": " + Files.readString(file));
                Files.delete(file);
            }
        } catch (NoSuchFileException e) {
            // Another thread has read and deleted the file.
        }
        return reports;
    }

    private static void refuse(List<String> leaks) {
        if (!leaks.isEmpty()) {
            throw new AssertionError("leaked: " + leaks.size() + " (expected: none)\n" + String.join("\n", leaks));
        }
    }

    /** Closed by JUnit after all test classes. */
    private static final class AtTheEnd implements AutoCloseable {
        @Override
        public void close() throws IOException {
            List<String> leaks = new ArrayList<>(HERE.findings());
            leaks.addAll(ofWhatTestsStarted());
            awaitAllReleased().ifPresent(leaks::add);
            refuse(leaks);
        }
    }

    /** Waits until Netty's pool has no buffers in use; the last connections may still be closing. */
    private static Optional<String> awaitAllReleased() {
        long startNanos = System.nanoTime();
        long bytes;
        while ((bytes = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory()) > 0) {
            if (System.nanoTime() - startNanos > PATIENCE.toNanos()) {
                return Optional.of(bytes + " bytes of direct memory are held after all tests");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return Optional.empty();
    }

    private static final class Detectors extends ResourceLeakDetectorFactory {
        @Override
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
            return new ReportingLeakDetector<>(resource, samplingInterval);
        }

        @Override
        @Deprecated
        @SuppressWarnings("deprecation")
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval, long maxActive) {
            return new ReportingLeakDetector<>(resource, samplingInterval, maxActive);
        }
    }
}
