package org.kapacitorudf.internal.snapshot;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.Collection;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.errors.SnapshotException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.Serializers;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.CollectionType;
import tools.jackson.databind.type.MapType;

/**
 * Handles collections with properties beyond their elements: those with a comparator, and subclasses that drop their
 * eldest entry.
 *
 * <p>A snapshot does not contain these properties. If such a collection is in a field of a class,
 * {@link InPlaceProperty} fills the collection of a fresh instance. Anywhere else, an ordinary collection would be
 * restored, so writing such a collection is rejected.
 */
final class UnusualCollections extends Serializers.Base {
    static boolean isPeculiar(Object value) {
        if (value instanceof SortedSet<?> set) {
            return set.comparator() != null || isForeign(set.getClass());
        }
        if (value instanceof SortedMap<?, ?> map) {
            return map.comparator() != null || isForeign(map.getClass());
        }
        if (value instanceof PriorityQueue<?> queue) {
            return queue.comparator() != null || isForeign(queue.getClass());
        }
        return (value instanceof Collection || value instanceof Map) && isForeign(value.getClass());
    }

    @Override
    public @Nullable ValueSerializer<?> findCollectionSerializer(
            SerializationConfig config,
            CollectionType type,
            BeanDescription.Supplier description,
            JsonFormat.Value format,
            TypeSerializer elementTypeSerializer,
            ValueSerializer<Object> elementSerializer) {
        return mayBePeculiar(type.getRawClass()) ? new CollectionSerializer(type) : null;
    }

    @Override
    public @Nullable ValueSerializer<?> findMapSerializer(
            SerializationConfig config,
            MapType type,
            BeanDescription.Supplier description,
            JsonFormat.Value format,
            ValueSerializer<Object> keySerializer,
            TypeSerializer elementTypeSerializer,
            ValueSerializer<Object> elementSerializer) {
        return mayBePeculiar(type.getRawClass()) ? new MapSerializer(type) : null;
    }

    private static boolean mayBePeculiar(Class<?> type) {
        return SortedSet.class.isAssignableFrom(type)
                || SortedMap.class.isAssignableFrom(type)
                || PriorityQueue.class.isAssignableFrom(type)
                || isForeign(type);
    }

    private static boolean isForeign(Class<?> type) {
        return !type.getName().startsWith("java.util.");
    }

    /**
     * Rejects an unusual collection that is not in a field of a class. The current value of the generator is the owner
     * of the collection: an object, a record, or another collection.
     */
    private static void requirePlace(Object collection, JsonGenerator out) {
        Object owner = out.currentValue();
        boolean inField = owner != null
                && !(owner instanceof Record || owner instanceof Collection || owner instanceof Map)
                && !owner.getClass().isArray();
        if (!inField && isPeculiar(collection)) {
            throw new SnapshotException(
                    collection.getClass().getName()
                            + " with an order or a behaviour of its own (expected: an ordinary collection of java.util, or a field of a class)");
        }
    }

    private static final class CollectionSerializer extends StdSerializer<Collection<?>> {
        CollectionSerializer(JavaType type) {
            super(type);
        }

        @Override
        public void serialize(Collection<?> collection, JsonGenerator out, SerializationContext context) {
            requirePlace(collection, out);
            out.writeStartArray(collection);
            for (Object element : collection) {
                context.writeValue(out, element);
            }
            out.writeEndArray();
        }
    }

    private static final class MapSerializer extends StdSerializer<Map<?, ?>> {
        private final JavaType keyType;

        MapSerializer(MapType type) {
            super(type);
            this.keyType = type.getKeyType();
        }

        @Override
        public void serialize(Map<?, ?> map, JsonGenerator out, SerializationContext context) {
            requirePlace(map, out);
            out.writeStartObject(map);
            map.forEach((key, value) -> {
                context.findKeySerializer(keyType, null).serialize(key, out, context);
                context.writeValue(out, value);
            });
            out.writeEndObject();
        }
    }
}
