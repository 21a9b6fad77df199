package org.kapacitorudf.internal.snapshot;

import org.kapacitorudf.Point;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.internal.wire.PointAccess;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule.SetupContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.module.SimpleDeserializers;
import tools.jackson.databind.module.SimpleSerializers;

/**
 * The stored form of a point in a state: a byte string with the encoding of the point. If a function has created an
 * unsound point, the string is wrapped in an array, so that the point is still known to be unsound after a restore.
 *
 * <pre>
 *   h'...'      a point
 *   [h'...']    a point that a function has created and that is not {@linkplain Point#isSound() sound}
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 */
final class StoredPoint {
    private static final PointAccess<Point> POINTS = PointAccess.of(Point.class);

    private StoredPoint() {}

    static void addTo(SetupContext context) {
        SimpleSerializers serializers = new SimpleSerializers();
        serializers.addSerializer(Point.class, new Writer());
        context.addSerializers(serializers);
        SimpleDeserializers deserializers = new SimpleDeserializers();
        deserializers.addDeserializer(Point.class, new Reader());
        context.addDeserializers(deserializers);
    }

    private static final class Writer extends ValueSerializer<Point> {
        @Override
        public void serialize(Point point, JsonGenerator generator, SerializationContext context) {
            if (point.isSound()) {
                POINTS.encodedTo(point, generator::writeBinary);
            } else {
                generator.writeStartArray();
                POINTS.encodedTo(point, generator::writeBinary);
                generator.writeEndArray();
            }
        }
    }

    private static final class Reader extends ValueDeserializer<Point> {
        @Override
        public Point deserialize(JsonParser parser, DeserializationContext context) {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                return decoded(parser);
            }
            parser.nextToken();
            Point point = decoded(parser);
            if (parser.nextToken() != JsonToken.END_ARRAY) {
                throw new SnapshotException("point: " + parser.currentToken() + " (expected: the end of its array)");
            }
            return point.asMade();
        }

        private static Point decoded(JsonParser parser) {
            if (parser.currentToken() != JsonToken.VALUE_EMBEDDED_OBJECT) {
                throw new SnapshotException("point: " + parser.currentToken() + " (expected: a byte string)");
            }
            byte[] bytes = parser.getBinaryValue();
            try {
                return POINTS.decode(bytes, 0, bytes.length);
            } catch (RuntimeException e) {
                throw new SnapshotException("point: " + e.getMessage(), e);
            }
        }
    }
}
