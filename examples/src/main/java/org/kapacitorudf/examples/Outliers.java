package org.kapacitorudf.examples;

import java.util.Comparator;
import java.util.List;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchFunction;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.option.Option;
import org.slf4j.Logger;

/**
 * Returns the points of each batch that lie outside Tukey's fences; see {@link TukeyFences}.
 *
 * <p>Threading: as for {@link Udf}; there is no state between batches.
 *
 * <p>Errors: a point without the field is left out.
 */
public final class Outliers implements Udf {
    private static final Option<String> FIELD = Option.string("field")
            .required()
            .check("not empty", name -> !name.isEmpty())
            .help("field to examine, double or int");
    private static final Option<Double> SCALE =
            Option.number("scale").orElse(1.5).atLeast(0).help("number of interquartile ranges that are still normal");

    @Override
    public Description describe() {
        return Description.batch("outliers", "the points of each batch that lie outside Tukey's fences")
                .options(FIELD, SCALE)
                .notes("""
                        An outlier lies below Q1 - scale x IQR or above Q3 + scale x IQR; quartiles are interpolated as R (type 7) and
                        NumPy do. Outliers are emitted unchanged, in time order, in a batch with the name, the tags and the time of
                        the input batch. A batch without outliers gives an empty batch.
                        Ints are converted to doubles. A point is left out if the field is missing, a string, a bool or NaN.
                        An infinity is an outlier and is ignored for the quartiles.""");
    }

    @Override
    public Handler create(Context context) {
        return Handlers.batches(context, new Detector(context));
    }

    private static final class Detector implements BatchFunction {
        private final String field;
        private final double scale;
        private final Logger logger;
        private boolean fieldMissing;

        Detector(Context context) {
            field = context.option(FIELD);
            scale = context.option(SCALE);
            logger = context.logger();
        }

        @Override
        public Batch apply(Batch batch) {
            List<Point> measured = batch.points().stream()
                    .filter(point -> point.field(field).orElse(null) instanceof Number)
                    .toList();
            warnIfMissing(measured.size(), batch.points().size());
            double[] values = measured.stream()
                    .mapToDouble(point -> point.doubleField(field))
                    .toArray();
            TukeyFences fences = TukeyFences.of(values, scale);
            return batch.withPoints(measured.stream()
                    .filter(point -> fences.isOutlier(point.doubleField(field)))
                    .sorted(Comparator.comparingLong(Point::timeNanos))
                    .toList());
        }

        /**
         * Warns if no point of a batch has the field: otherwise a misspelled field would look like data without
         * outliers.
         */
        private void warnIfMissing(int measured, int points) {
            if (points == 0) {
                return;
            }
            boolean missing = measured == 0;
            if (missing && !fieldMissing) {
                logger.warn(
                        "field: \"{}\" (expected: a double or int field; no point of a batch of {} has it)",
                        field,
                        points);
            }
            fieldMissing = missing;
        }
    }
}
