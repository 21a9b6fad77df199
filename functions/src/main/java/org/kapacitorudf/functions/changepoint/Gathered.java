package org.kapacitorudf.functions.changepoint;

/**
 * The first values of a series, or those that must confirm a shift.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
final class Gathered {
    /** The values, in order. The length of the array is the number of values to gather. */
    double[] values = {};

    byte count;

    private byte shift;

    /**
     * The numbers of values that are above and below the level by more than the drift, and the sum of the spread scores
     * of all values. The scores are negated if the values must confirm a smaller spread.
     */
    byte above;

    byte below;
    float spreadSum;

    /** Starts gathering values that must confirm a shift. */
    static Gathered toConfirm(Shift shift, int most) {
        Gathered gathered = new Gathered();
        gathered.values = new double[most];
        gathered.shift = (byte) shift.ordinal();
        return gathered;
    }

    /** Returns the same values, as the first values of a series. */
    Gathered asFirst() {
        Gathered first = new Gathered();
        first.values = values;
        first.count = count;
        return first;
    }

    /** The shift that the values must confirm; {@link Shift#NONE} for the first values of a series. */
    Shift shift() {
        return Shift.ALL[shift];
    }
}
