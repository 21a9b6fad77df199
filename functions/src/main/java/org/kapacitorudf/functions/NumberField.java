package org.kapacitorudf.functions;

import org.kapacitorudf.Point;
import org.kapacitorudf.errors.FieldException;

/**
 * A numeric field, as all functions read it.
 *
 * <p>Ints and doubles are accepted. -0.0 is read as 0.0.
 *
 * @param name the name of the field
 */
record NumberField(String name) {
    /**
     * Values with a larger magnitude are skipped: no sensor measures them, and computations with them would overflow.
     */
    static final double LARGEST = 1e30;

    /**
     * The value of the field in a point.
     *
     * @throws FieldException if the field is missing, has another type, is NaN or infinite, or exceeds
     *     {@link #LARGEST}; the agent then skips and counts the point
     */
    double of(Point point) {
        double value = point.doubleField(name);
        if (Math.abs(value) <= LARGEST) {
            return value + 0.0;
        }
        throw new FieldException("field \"" + name + "\": " + value + " (expected: a finite number from -" + LARGEST
                + " to " + LARGEST + ")");
    }
}
