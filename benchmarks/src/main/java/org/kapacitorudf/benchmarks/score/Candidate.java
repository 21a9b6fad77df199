package org.kapacitorudf.benchmarks.score;

/** Something that tells anomalies, from the points up to each one alone. */
interface Candidate {
    String name();

    /** For each point of the series, whether it alerts. */
    boolean[] alerts(LabelledSeries series);
}
