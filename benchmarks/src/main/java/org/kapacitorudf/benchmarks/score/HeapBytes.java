package org.kapacitorudf.benchmarks.score;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.TreeMap;

/**
 * The heap size of an object and everything it refers to, according to the layout of a 64-bit HotSpot with compressed
 * references: a header of 12 bytes (16 for an array), references of 4 bytes, rounded to a multiple of 8. The result is
 * the same on every machine.
 */
final class HeapBytes {
    private static final int HEADER = 12;
    private static final int ARRAY_HEADER = 16;
    static final int REFERENCE = 4;
    private static final int TREE_MAP = 48;
    private static final int TREE_MAP_ENTRY = 40;

    private HeapBytes() {}

    /** The size of an object that is a tree: no two fields refer to the same object. */
    static long of(Object object) {
        if (object == null) {
            return 0;
        }
        if (object instanceof String text) {
            return aligned(HEADER + 4 + 4 + REFERENCE) + aligned(ARRAY_HEADER + text.length()); // Latin-1
        }
        if (object.getClass().isArray()) {
            return array(object);
        }
        if (object instanceof TreeMap<?, ?> map) {
            return TREE_MAP
                    + map.entrySet().stream()
                            .mapToLong(entry -> TREE_MAP_ENTRY + of(entry.getKey()) + of(entry.getValue()))
                            .sum();
        }
        long own = HEADER;
        long others = 0;
        for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    own += size(field.getType());
                    others += field.getType().isPrimitive() ? 0 : of(value(field, object));
                }
            }
        }
        return aligned(own) + others;
    }

    /** The size of an object without the objects to which it refers. */
    static long ofFields(Object object) {
        long own = HEADER;
        for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                own += Modifier.isStatic(field.getModifiers()) ? 0 : size(field.getType());
            }
        }
        return aligned(own);
    }

    private static long array(Object array) {
        int length = Array.getLength(array);
        Class<?> type = array.getClass().getComponentType();
        long others = 0;
        for (int i = 0; !type.isPrimitive() && i < length; i++) {
            others += of(Array.get(array, i));
        }
        return aligned(ARRAY_HEADER + (long) length * size(type)) + others;
    }

    private static Object value(Field field, Object object) {
        try {
            field.setAccessible(true);
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int size(Class<?> type) {
        if (type == long.class || type == double.class) {
            return 8;
        }
        if (type == int.class || type == float.class) {
            return 4;
        }
        if (type == short.class || type == char.class) {
            return 2;
        }
        return type == byte.class || type == boolean.class ? 1 : REFERENCE;
    }

    private static long aligned(long bytes) {
        return (bytes + 7) / 8 * 8;
    }
}
