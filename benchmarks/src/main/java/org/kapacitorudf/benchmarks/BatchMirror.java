package org.kapacitorudf.benchmarks;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Udf;

/** Returns every batch unchanged. */
public final class BatchMirror implements Udf {
    @Override
    public Description describe() {
        return Description.batch("batchMirror", "returns every batch unchanged");
    }

    @Override
    public Handler create(Context context) {
        return Handlers.batches(context, (batch, output) -> output.batch(batch));
    }
}
