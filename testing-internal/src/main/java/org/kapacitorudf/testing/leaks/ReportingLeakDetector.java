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
        reports.tracked();
        return super.track(resource);
    }

    /**
     * Makes Netty report what the garbage collector has found, by tracking a resource: Netty checks for leaks whenever
     * it begins to track a resource.
     */
    @SuppressWarnings("unchecked")
    void look() {
        T resource = (T) new Object();
        trackForcibly(resource).close(resource);
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
}
