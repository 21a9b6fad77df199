package org.kapacitorudf.functions;

import org.kapacitorudf.Point;
import org.kapacitorudf.errors.FieldException;

/**
 * A field with a number: how every function reads its values.
 *
 * <p>Ints and doubles are taken. -0.0 is read as 0.0.
 *
 * @param name the name of the field
 */
record NumberField(String name) {
    /** Values beyond it, of either sign, are skipped: nothing measures them, and what is computed from them would overflow. */
    static final double LARGEST = 1e30;

    /**
     * The value of the field in this point.
     *
     * @throws FieldException if the field is missing, of another type, NaN, infinite, or beyond {@link #LARGEST}. The agent then skips the point and counts it.
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
