package org.kapacitorudf.soak;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;

/** Functions that return every point unchanged, each in a different way. */
public final class Mirrored {
    private static final long SHORT_NAP_MILLIS = 5;
    private static final long LONG_NAP_MILLIS = 1_500;
    private static final int POINTS_PER_SHORT_NAP = 1_000;
    private static final int POINTS_PER_LONG_NAP = 100_000;

    private Mirrored() {}

    /** Sleeps occasionally, and sometimes for a long time. */
    public static final class Slow implements Udf {
        @Override
        public Description describe() {
            return Description.stream("soakSlow", "returns every point unchanged, and sleeps occasionally");
        }

        @Override
        public Handler create(Context context) {
            return new Handler() {
                private int points;

                @Override
                public void point(Point point, Output output) throws InterruptedException {
                    points++;
                    if (points % POINTS_PER_LONG_NAP == POINTS_PER_LONG_NAP / 10) {
                        Thread.sleep(LONG_NAP_MILLIS);
                    } else if (points % POINTS_PER_SHORT_NAP == 0) {
                        Thread.sleep(SHORT_NAP_MILLIS);
                    }
                    output.point(point);
                }
            };
        }
    }
}
