package org.kapacitorudf;

import java.util.List;
import java.util.Map;

/** The changes that a function can make to a point, each together with what the generated builder must be told. */
public final class PointChanges {
    /** The number of kinds of changes. */
    public static final int KINDS = 17;

    private PointChanges() {}

    /** Whether a change sets a tag or field of the given name, which must then be a valid one. */
    public static boolean sets(int kind) {
        return kind != 8 && kind != 13;
    }

    /**
     * Changes a point, and in the same way the builder.
     *
     * @param kind from 0 to {@link #KINDS} - 1
     */
    public static Point changed(
            Point point,
            org.kapacitorudf.proto.Point.Builder expected,
            int kind,
            String name,
            String text,
            long number,
            double real,
            boolean bool) {
        switch (kind) {
            case 0:
                expected.setTime(number);
                return point.withTimeNanos(number);
            case 1:
                expected.setName(text);
                return point.withName(text);
            case 2:
                expected.setDatabase(text);
                return point.withDatabase(text);
            case 3:
                expected.setRetentionPolicy(text);
                return point.withRetentionPolicy(text);
            case 4:
                expected.setGroup(text);
                return point.withGroup(text);
            case 5:
                expected.clearDimensions().addAllDimensions(List.of(name, text)).setByName(bool);
                return point.withDimensions(bool, List.of(name, text));
            case 6:
                expected.clearTags().putTags("x", "y").putTags(name, text);
                return point.withTags(name.equals("x") ? Map.of(name, text) : Map.of("x", "y", name, text));
            case 7:
                expected.putTags(name, text);
                return point.withTag(name, text);
            case 8:
                expected.removeTags(name);
                return point.withoutTag(name);
            case 9:
                withoutField(expected, name).putFieldsDouble(name, real);
                return point.withField(name, real);
            case 10:
                withoutField(expected, name).putFieldsInt(name, number);
                return point.withField(name, number);
            case 11:
                withoutField(expected, name).putFieldsString(name, text);
                return point.withField(name, text);
            case 12:
                withoutField(expected, name).putFieldsBool(name, bool);
                return point.withField(name, bool);
            case 13:
                withoutField(expected, name);
                return point.withoutField(name);
            case 14:
                withoutField(expected, "s").putFieldsString("s", text);
                withoutField(expected, "d").putFieldsDouble("d", real);
                withoutField(expected, name).putFieldsBool(name, bool);
                return point.withAddedFields(
                        Fields.of("s", text).and(name, 1).and("d", real).and(name, bool));
            case 15:
                withoutFields(expected);
                return point.withFields(Fields.none());
            default:
                withoutFields(expected)
                        .putFieldsString("s", text)
                        .putFieldsDouble("d", real)
                        .putFieldsInt("i", number);
                return point.withFields(
                        Fields.of("s", text).and("i", 0).and("d", real).and("i", number));
        }
    }

    private static org.kapacitorudf.proto.Point.Builder withoutField(
            org.kapacitorudf.proto.Point.Builder point, String name) {
        return point.removeFieldsDouble(name)
                .removeFieldsInt(name)
                .removeFieldsString(name)
                .removeFieldsBool(name);
    }

    private static org.kapacitorudf.proto.Point.Builder withoutFields(org.kapacitorudf.proto.Point.Builder point) {
        return point.clearFieldsDouble().clearFieldsInt().clearFieldsString().clearFieldsBool();
    }
}
