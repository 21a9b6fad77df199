package org.kapacitorudf.examples;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;

/**
 * Gives every point back as it came: the smallest function there is, and a way to see what Kapacitor sends.
 *
 * <p>Threading: as {@link Udf}; there is no state.
 */
public final class Mirror implements Udf {
    @Override
    public Description describe() {
        return Description.stream("mirror", "gives every point back as it came");
    }

    @Override
    public Handler create(Context context) {
        return (point, output) -> output.point(point);
    }
}
