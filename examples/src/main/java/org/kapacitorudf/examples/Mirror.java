package org.kapacitorudf.examples;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;

/**
 * Returns every point unchanged: the smallest possible function, useful to see what Kapacitor sends.
 *
 * <p>Threading: as for {@link Udf}; there is no state.
 */
public final class Mirror implements Udf {
    @Override
    public Description describe() {
        return Description.stream("mirror", "returns every point unchanged");
    }

    @Override
    public Handler create(Context context) {
        return (point, output) -> output.point(point);
    }
}
