package org.kapacitorudf.testing.leaks;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;

/**
 * Netty's detector with reports that can be queried instead of log lines.
 *
 * <p>Netty creates it, one for each kind of resource: through its factory in the JVM of the tests, and by
 * {@code -Dio.netty.customResourceLeakDetector} in the processes they start.
 *
 * <p>Threading: any thread.
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

    /** Reports what the garbage collector found: Netty checks when it begins to track a resource. */
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
