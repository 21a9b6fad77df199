package org.kapacitorudf.benchmarks.score;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/**
 * The bytes that an object and what it refers to take on the heap, by the layout of a 64-bit HotSpot with compressed references: a header of 12 bytes (16 for an
 * array), references of 4, and a multiple of 8 in all. The same on every machine.
 */
final class HeapBytes {
    private static final int HEADER = 12;
    private static final int ARRAY_HEADER = 16;
    private static final int REFERENCE = 4;

    private HeapBytes() {}

    /** Of an object whose fields are primitives and arrays of primitives. */
    static long of(Object object) {
        long own = HEADER;
        long others = 0;
        for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers())) {
                    continue;
                }
                own += size(field.getType());
                if (!field.getType().isPrimitive()) {
                    others += array(object, field);
                }
            }
        }
        return aligned(own) + others;
    }

    /** Of an object alone, without what it refers to. */
    static long ofFields(Object object) {
        long own = HEADER;
        for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                own += Modifier.isStatic(field.getModifiers()) ? 0 : size(field.getType());
            }
        }
        return aligned(own);
    }

    private static long array(Object object, Field field) {
        if (!field.getType().isArray() || !field.getType().getComponentType().isPrimitive()) {
            throw new IllegalArgumentException(field + " (expected: a primitive, or an array of primitives)");
        }
        try {
            field.setAccessible(true);
            return aligned(ARRAY_HEADER
                    + (long) Array.getLength(field.get(object))
                            * size(field.getType().getComponentType()));
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
