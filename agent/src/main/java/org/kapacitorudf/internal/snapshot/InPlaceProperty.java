package org.kapacitorudf.internal.snapshot;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.type.TypeFactory;

/**
 * A field whose value is filled in place instead of being replaced. An object therefore keeps its transient fields, and
 * an {@linkplain UnusualCollections unusual collection} keeps its comparator.
 *
 * <p>Other collections are replaced. Those with an order are replaced by a collection of the same class, because the
 * field may be declared by an interface.
 */
final class InPlaceProperty extends SettableBeanProperty.Delegating {
    private static final Set<Class<?>> ORDERED = Set.of(
            TreeMap.class,
            TreeSet.class,
            PriorityQueue.class,
            LinkedHashMap.class,
            LinkedHashSet.class,
            ArrayDeque.class,
            EnumMap.class);

    private InPlaceProperty(SettableBeanProperty field) {
        super(field);
    }

    /** Returns the property of a field. The value of the field is filled in place if that can make a difference. */
    static SettableBeanProperty of(SettableBeanProperty field) {
        JavaType type = field.getType();
        boolean structure =
                StateTypes.isStructure(type.getRawClass()) && !type.isReferenceType() && !type.isRecordType();
        return structure ? new InPlaceProperty(field) : field;
    }

    @Override
    protected SettableBeanProperty withDelegate(SettableBeanProperty field) {
        return new InPlaceProperty(field);
    }

    @Override
    public void deserializeAndSet(JsonParser in, DeserializationContext context, Object instance) {
        Object existing = getMember().getValue(instance);
        if (existing != null
                && UnusualCollections.isPeculiar(existing)
                && in.currentToken().isStructStart()) {
            refill(existing, in, context);
        } else if (existing != null && losesOrder(existing) && in.currentToken().isStructStart()) {
            delegate.set(context, instance, readLike(existing, in, context));
        } else if (existing != null && !isContainer(getType()) && in.hasToken(JsonToken.START_OBJECT)) {
            Object filled = delegate.deserializeWith(in, context, existing);
            if (filled != existing) {
                delegate.set(context, instance, filled);
            }
        } else {
            delegate.deserializeAndSet(in, context, instance);
        }
    }

    @SuppressWarnings("unchecked") // both have the type of the field
    private void refill(Object existing, JsonParser in, DeserializationContext context) {
        if (existing instanceof Map<?, ?> map) {
            JavaType entries = context.getTypeFactory()
                    .constructMapType(
                            LinkedHashMap.class,
                            getType().getKeyType(),
                            getType().getContentType());
            Map<Object, Object> read = context.readValue(in, entries);
            map.clear();
            ((Map<Object, Object>) map).putAll(read);
        } else {
            // The elements are read into a list first, because they need not be comparable if there is a comparator.
            JavaType list = context.getTypeFactory()
                    .constructCollectionType(ArrayList.class, getType().getContentType());
            List<Object> read = context.readValue(in, list);
            Collection<Object> collection = (Collection<Object>) existing;
            collection.clear();
            collection.addAll(read);
        }
    }

    /** Whether Jackson would replace a collection by one with another order. */
    private boolean losesOrder(Object collection) {
        Class<?> type = collection.getClass();
        boolean isDeclared =
                type == getType().getRawClass() && type != LinkedHashMap.class; // may have an order of access
        return !isDeclared && (ORDERED.contains(type) || collection instanceof EnumSet);
    }

    /** Reads a collection of the same class as another, which stays unchanged because other objects may share it. */
    private Object readLike(Object existing, JsonParser in, DeserializationContext context) {
        TypeFactory types = context.getTypeFactory();
        JavaType content = getType().getContentType();
        if (existing instanceof Map<?, ?> map) {
            JavaType type = types.constructMapType(map.getClass(), getType().getKeyType(), content);
            Map<?, ?> read = context.readValue(in, type);
            return existing instanceof LinkedHashMap<?, ?> model ? inOrderOf(model, read) : read;
        }
        Class<?> type = existing instanceof EnumSet ? EnumSet.class : existing.getClass();
        return context.readValue(in, types.constructCollectionType(type.asSubclass(Collection.class), content));
    }

    /**
     * Returns a map in the order of insertion or in that of access, like the model. A clone is used, because the kind
     * of order cannot be queried.
     */
    @SuppressWarnings("unchecked") // both have the type of the field
    private static Map<?, ?> inOrderOf(LinkedHashMap<?, ?> model, Map<?, ?> entries) {
        Map<Object, Object> result = (Map<Object, Object>) model.clone();
        result.clear();
        result.putAll(entries);
        return result;
    }

    private static boolean isContainer(JavaType type) {
        return type.isCollectionLikeType() || type.isMapLikeType();
    }
}
