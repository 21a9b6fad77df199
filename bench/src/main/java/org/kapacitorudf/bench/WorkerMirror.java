package org.kapacitorudf.bench;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;

/** Gives every point back as it came, and may block: it is called on a worker thread, off the event loop. */
public final class WorkerMirror implements Udf {
    @Override
    public Description describe() {
        return Description.stream("workerMirror", "gives every point back as it came, on a worker thread");
    }

    @Override
    public Handler create(Context context) {
        return (point, output) -> output.point(point);
    }
}
