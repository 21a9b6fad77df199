package org.kapacitorudf.functions;

import java.util.Optional;
import org.kapacitorudf.Context;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.option.Option;

/**
 * The field or the tag whose values are counted; values may have any type.
 *
 * @param isTag whether the name is that of a tag
 */
record CountedValue(String name, boolean isTag) {
    static final Option<Optional<String>> FIELD = Option.string("field")
            .check(SharedOptions.A_NAME, SharedOptions::isName)
            .help("field to read: a string, int, double or bool");
    static final Option<Optional<String>> TAG = Option.string("tag")
            .check(SharedOptions.A_NAME, SharedOptions::isName)
            .help("tag to read instead of a field");

    /** @throws UdfException unless exactly one of the options is given */
    static CountedValue of(Context context) {
        Optional<String> field = context.option(FIELD);
        Optional<String> tag = context.option(TAG);
        if (field.isPresent() == tag.isPresent()) {
            throw new UdfException("field, tag: " + (field.isPresent() ? "both" : "none") + " (expected: one of them)");
        }
        return new CountedValue(field.or(() -> tag).orElseThrow(), tag.isPresent());
    }

    /**
     * The value in a point: a {@link String}, {@link Long}, {@link Boolean}, or finite {@link Double}. A whole number
     * is returned as a {@link Long}, even if the field is a double.
     *
     * @throws FieldException if there is no such value; the agent then skips and counts the point
     */
    Object in(Point point) {
        if (isTag) {
            return point.tag(name)
                    .orElseThrow(() -> new FieldException("tag \"" + name + "\": missing (expected: a tag)"));
        }
        Object value = point.field(name)
                .orElseThrow(() -> new FieldException("field \"" + name + "\": missing (expected: a field)"));
        if (value instanceof Double number) {
            if (!Double.isFinite(number)) {
                throw new FieldException("field \"" + name + "\": " + number + " (expected: a finite number)");
            }
            boolean isWhole = number == Math.rint(number) && number >= -0x1p63 && number < 0x1p63;
            return isWhole ? (Object) number.longValue() : number;
        }
        return value;
    }
}
