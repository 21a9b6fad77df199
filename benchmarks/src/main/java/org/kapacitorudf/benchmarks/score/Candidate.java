package org.kapacitorudf.benchmarks.score;

/** A detector that sees only the points up to the current one. */
interface Candidate {
    String name();

    /** For each point of the series, whether it alerts. */
    boolean[] alerts(LabelledSeries series);
}
