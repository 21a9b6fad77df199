package org.kapacitorudf.server.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.function.Consumer;

/**
 * The metrics of the JVM and the process, measured by Micrometer, and those of another collector.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class ProcessMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollector = new JvmGcMetrics();

    /** @param others the other collector, which is called at each scrape */
    public ProcessMetrics(MultiCollector others) {
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        garbageCollector.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        registry.getPrometheusRegistry().register(others);
    }

    /** Adds further Micrometer metrics. */
    public void bind(Consumer<PrometheusMeterRegistry> binder) {
        binder.accept(registry);
    }

    /** All metrics in the Prometheus format. */
    public String scrape() {
        return registry.scrape();
    }

    /** The share of the machine's CPU that the process has used recently; negative if unknown. */
    double cpu() {
        Gauge gauge = registry.find("process.cpu.usage").gauge();
        // Read only once, because each read restarts the measurement.
        double share = gauge == null ? -1 : gauge.value();
        return Double.isNaN(share) ? -1 : share;
    }

    /** A metric with the versions of the program and of Java. */
    public static MetricSnapshot build(String prefix, String version) {
        return InfoSnapshot.builder()
                .name(prefix + "build")
                .help("Always 1; the labels contain the versions of the program and of Java.")
                .dataPoint(InfoSnapshot.InfoDataPointSnapshot.builder()
                        .labels(Labels.of(
                                "version", version, "java", Runtime.version().toString()))
                        .build())
                .build();
    }

    @Override
    public void close() {
        garbageCollector.close();
        registry.close();
    }
}
