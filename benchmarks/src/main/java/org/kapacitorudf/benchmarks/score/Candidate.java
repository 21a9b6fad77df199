package org.kapacitorudf.benchmarks.score;

/** A detector that sees only the points up to the current one. */
interface Candidate {
    String name();

    /** Returns, for each point of the series, whether the detector alerts. */
    boolean[] alerts(LabelledSeries series);
}
