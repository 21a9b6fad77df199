package org.kapacitorudf.functions.changepoint;

/**
 * The first values of a series, or those that must confirm a shift.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
final class Gathered {
    /** The values, in order: the array is as long as there will be values. */
    double[] values = {};

    byte count;

    private byte shift;

    /**
     * The number of values beyond the drift, above and below the level; and the sum of the spread scores of all values,
     * negated to confirm a smaller spread.
     */
    byte above;

    byte below;
    float spreadSum;

    /** Starts to gather values that must confirm a shift. */
    static Gathered toConfirm(Shift shift, int most) {
        Gathered gathered = new Gathered();
        gathered.values = new double[most];
        gathered.shift = (byte) shift.ordinal();
        return gathered;
    }

    /** The same values as the first ones of a series. */
    Gathered asFirst() {
        Gathered first = new Gathered();
        first.values = values;
        first.count = count;
        return first;
    }

    /** The shift that the values must confirm; none for the first values of a series. */
    Shift shift() {
        return Shift.ALL[shift];
    }
}
