package org.kapacitorudf.server.options;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FailurePolicy;

/** A function whose failure policy the operator has chosen. */
record HostedUdf(Udf udf, FailurePolicy onError) implements Udf {
    @Override
    public Description describe() {
        return udf.describe().onError(onError);
    }

    @Override
    public Handler create(Context context) throws Exception {
        return udf.create(context);
    }
}
