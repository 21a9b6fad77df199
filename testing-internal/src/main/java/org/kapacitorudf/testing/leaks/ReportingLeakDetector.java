package org.kapacitorudf.testing.leaks;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;

/**
 * Netty's leak detector, but its findings can be queried and are not logged.
 *
 * <p>Netty creates a detector for each kind of resource. A factory makes Netty use this class in the JVM of the tests;
 * {@code -Dio.netty.customResourceLeakDetector} does so in the processes that the tests start.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class ReportingLeakDetector<T> extends ResourceLeakDetector<T> {
    private final LeakReports reports;

    public ReportingLeakDetector(Class<?> resource, int samplingInterval) {
        super(resource, samplingInterval);
        reports = LeakReports.OF_THIS_JVM;
        reports.of(this);
    }

    public ReportingLeakDetector(Class<?> resource, int samplingInterval, long maxActive) {
        this(resource, samplingInterval);
    }

    @Override
    public ResourceLeakTracker<T> track(T resource) {
        return counted(super.track(resource));
    }

    @Override
    public ResourceLeakTracker<T> trackForcibly(T resource) {
        return counted(super.trackForcibly(resource));
    }

    private ResourceLeakTracker<T> counted(ResourceLeakTracker<T> tracker) {
        return tracker == null ? null : new CountingTracker<>(tracker, reports);
    }

    /**
     * Makes Netty report what the garbage collector has found, by tracking a resource: Netty checks for leaks whenever
     * it begins to track a resource.
     */
    @SuppressWarnings("unchecked")
    void look() {
        T resource = (T) new Object();
        super.trackForcibly(resource).close(resource);
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resource, String records) {
        reports.add(resource + records);
    }

    @Override
    protected void reportUntracedLeak(String resource) {
        reports.add(resource + ", access records are unknown (expected: -Dio.netty.leakDetection.level=paranoid)");
    }

    private static final class CountingTracker<T> implements ResourceLeakTracker<T> {
        private final ResourceLeakTracker<T> tracker;
        private final LeakReports reports;

        CountingTracker(ResourceLeakTracker<T> tracker, LeakReports reports) {
            this.tracker = tracker;
            this.reports = reports;
            reports.opened();
        }

        @Override
        public void record() {
            tracker.record();
        }

        @Override
        public void record(Object hint) {
            tracker.record(hint);
        }

        @Override
        public boolean close(T resource) {
            boolean closed = tracker.close(resource);
            if (closed) {
                reports.closed();
            }
            return closed;
        }

        @Override
        public Throwable getCloseStackTraceIfAny() {
            return tracker.getCloseStackTraceIfAny();
        }
    }
}
