package org.kapacitorudf.testing.leaks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The findings of Netty's leak detectors in this JVM.
 *
 * <p>With {@code -Dkapacitor-udf.leaks=DIRECTORY}, which is set for processes started by tests, a JVM writes its
 * findings to a file in that directory when it exits.
 *
 * <p>Threading: safe for use by any thread.
 */
final class LeakReports {
    static final String DIRECTORY_PROPERTY = "kapacitor-udf.leaks";
    static final LeakReports OF_THIS_JVM = new LeakReports();

    private final List<ReportingLeakDetector<?>> detectors = new CopyOnWriteArrayList<>();
    private final List<String> reports = new ArrayList<>();
    private final AtomicLong open = new AtomicLong();

    private LeakReports() {
        String directory = System.getProperty(DIRECTORY_PROPERTY);
        if (directory != null) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> writeTo(Path.of(directory)), "leak-reports"));
        }
    }

    void of(ReportingLeakDetector<?> detector) {
        detectors.add(detector);
    }

    void opened() {
        open.incrementAndGet();
    }

    void closed() {
        open.decrementAndGet();
    }

    synchronized void add(String report) {
        reports.add(report);
    }

    /**
     * Returns the findings since the last call. Runs a garbage collection, unless all resources are released: then
     * there is nothing to find.
     */
    List<String> findings() {
        if (open.get() == 0) {
            return List.of();
        }
        collectGarbage();
        // The JVM enqueues findings in no particular order: after a second collection, all findings of the first one
        // have been enqueued.
        collectGarbage();
        detectors.forEach(ReportingLeakDetector::look);
        synchronized (this) {
            List<String> taken = List.copyOf(reports);
            reports.clear();
            return taken;
        }
    }

    private void writeTo(Path directory) {
        List<String> found = findings();
        if (!found.isEmpty()) {
            try {
                Files.write(
                        directory.resolve(Long.toString(ProcessHandle.current().pid())), found);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void collectGarbage() {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        PhantomReference<Object> canary = new PhantomReference<>(new Object(), collected);
        System.gc();
        try {
            if (collected.remove(TimeUnit.MINUTES.toMillis(5)) != canary) {
                throw new AssertionError(
                        "garbage collection: none within 5 min (expected: at once, -XX:-DisableExplicitGC)");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
