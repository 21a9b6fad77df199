package org.kapacitorudf.benchmarks;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Udf;

/** Gives every batch back as it came. */
public final class BatchMirror implements Udf {
    @Override
    public Description describe() {
        return Description.batch("batchMirror", "gives every batch back as it came");
    }

    @Override
    public Handler create(Context context) {
        return Handlers.batches(context, (batch, output) -> output.batch(batch));
    }
}
