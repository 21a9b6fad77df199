package org.kapacitorudf.examples;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchHandler;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Option;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.slf4j.Logger;

/**
 * The points of each batch that lie beyond Tukey's fences, see {@link TukeyFences}.
 *
 * <p>Threading: as {@link Udf}; there is no state between batches.
 *
 * <p>Errors: a point that lacks the field is left out.
 */
public final class Outliers implements Udf {
    private static final Option<String> FIELD =
            Option.string("field").required().help("field to look at, double or int");
    private static final Option<Double> SCALE =
            Option.number("scale").orElse(1.5).atLeast(0).help("interquartile ranges that are still normal");

    @Override
    public Description describe() {
        return Description.batch("outliers", "the points of each batch that lie beyond Tukey's fences")
                .options(FIELD, SCALE)
                .notes("""
                        An outlier lies below Q1 - scale x IQR or above Q3 + scale x IQR; quartiles are interpolated as R (type 7) and
                        NumPy do. Outliers go back as they came, in time order, in a batch with the name, the tags and the time of the
                        one they came in. A batch without outliers gives an empty batch.
                        An int is taken as a double. A point that lacks the field, or has it as a string or a bool, is left out, and so
                        is NaN; an infinity is an outlier, and does not count for the quartiles.""");
    }

    @Override
    public Handler create(Context context) {
        return Handlers.batches(context, new Detector(context.option(FIELD), context.option(SCALE), context.logger()));
    }

    private static final class Detector implements BatchHandler {
        private final String field;
        private final double scale;
        private final Logger logger;
        private boolean fieldMissing;

        Detector(String field, double scale, Logger logger) {
            this.field = field;
            this.scale = scale;
            this.logger = logger;
        }

        @Override
        public void batch(Batch batch, Output output) {
            List<Point> points = batch.points();
            double[] values = points.stream().mapToDouble(this::value).toArray();
            warnIfMissing(points);
            TukeyFences fences = TukeyFences.of(values, scale);
            List<Point> outliers = new ArrayList<>();
            for (int i = 0; i < values.length; i++) {
                if (fences.isOutlier(values[i])) {
                    outliers.add(points.get(i));
                }
            }
            outliers.sort(Comparator.comparingLong(Point::time));
            output.batch(batch.withPoints(outliers));
        }

        /** The point's value; NaN, which is never an outlier, when it has none. */
        private double value(Point point) {
            return point.field(field).orElse(Double.NaN) instanceof Number number ? number.doubleValue() : Double.NaN;
        }

        /** A misspelled field would otherwise look like data without outliers. */
        private void warnIfMissing(List<Point> points) {
            if (points.isEmpty()) {
                return;
            }
            boolean missing =
                    points.stream().noneMatch(point -> point.field(field).orElse(null) instanceof Number);
            if (missing && !fieldMissing) {
                logger.warn(
                        "field: \"{}\" (expected: a double or int field; no point of a batch of {} has it)",
                        field,
                        points.size());
            }
            fieldMissing = missing;
        }
    }
}
