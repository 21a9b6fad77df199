package org.kapacitorudf.server.ops;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The metrics of one scrape. All names have the same prefix. The exposition format appends {@code _total} to the names
 * of counters.
 *
 * <p>Threading: one thread.
 */
public final class MetricFamilies {
    private final String prefix;
    private final List<MetricSnapshot> families = new ArrayList<>();

    public MetricFamilies(String prefix) {
        this.prefix = prefix;
    }

    /** Adds a counter without labels. */
    public void counter(String name, String help, double value) {
        counter(name, help, List.of(Labels.EMPTY), labels -> labels, labels -> value);
    }

    /** Adds a counter with a value for each entry. */
    public <T> void counter(
            String name, String help, Collection<T> entries, Function<T, Labels> labels, ToDoubleFunction<T> value) {
        CounterSnapshot.Builder family =
                CounterSnapshot.builder().name(prefix + name).help(help);
        entries.forEach(entry -> family.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels.apply(entry))
                .value(value.applyAsDouble(entry))
                .build()));
        families.add(family.build());
    }

    /** Adds a gauge without labels. */
    public void gauge(String name, String help, double value) {
        gauge(name, help, List.of(Labels.EMPTY), labels -> labels, labels -> value);
    }

    /** Adds a gauge with a value for each entry. */
    public <T> void gauge(
            String name, String help, Collection<T> entries, Function<T, Labels> labels, ToDoubleFunction<T> value) {
        GaugeSnapshot.Builder family =
                GaugeSnapshot.builder().name(prefix + name).help(help);
        entries.forEach(entry -> family.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels.apply(entry))
                .value(value.applyAsDouble(entry))
                .build()));
        families.add(family.build());
    }

    /** Adds a metric of any kind, with its complete name. */
    public void add(MetricSnapshot family) {
        families.add(family);
    }

    /** Returns the name of a metric without the prefix: the constant in lower case. */
    public static String name(Enum<?> metric) {
        return metric.name().toLowerCase(Locale.ROOT);
    }

    public MetricSnapshots all() {
        return new MetricSnapshots(families);
    }
}
