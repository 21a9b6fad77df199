package org.kapacitorudf.functions.deviation;

import org.kapacitorudf.functions.detect.Watched;

/** What {@link EwBand} has learnt of one series. */
public final class EwSeries extends Watched {
    double mean;
    double variance;
}
