package org.kapacitorudf.internal.snapshot;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.kapacitorudf.Point;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.type.TypeFactory;

/**
 * Visits all types that a state's type consists of, and rejects those that could not be restored faithfully:
 * interfaces, {@code Object}, functions, threads, and JDK classes that are not values.
 *
 * <p>No field of an accepted type can hold an instance of a class that was not visited.
 *
 * <p>Threading: one thread.
 */
final class StateTypes {
    private static final Set<Class<?>> SCALARS = Set.of(
            boolean.class,
            byte.class,
            short.class,
            int.class,
            long.class,
            float.class,
            double.class,
            char.class,
            Boolean.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class,
            Character.class,
            String.class,
            BigInteger.class,
            BigDecimal.class,
            UUID.class,
            OptionalInt.class,
            OptionalLong.class,
            OptionalDouble.class,
            AtomicBoolean.class,
            AtomicInteger.class,
            AtomicLong.class,
            Instant.class,
            Duration.class,
            Period.class,
            LocalDate.class,
            LocalTime.class,
            LocalDateTime.class,
            OffsetDateTime.class,
            OffsetTime.class,
            ZonedDateTime.class,
            Year.class,
            YearMonth.class,
            MonthDay.class,
            ZoneId.class,
            ZoneOffset.class,
            Point.class);

    private static final Set<Class<?>> KEYS = Set.of(
            Boolean.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class,
            Character.class,
            String.class,
            UUID.class,
            Instant.class,
            Duration.class,
            LocalDate.class,
            LocalTime.class,
            LocalDateTime.class);

    private static final Set<Class<?>> COLLECTIONS = Set.of(
            Collection.class,
            List.class,
            Set.class,
            SortedSet.class,
            NavigableSet.class,
            Queue.class,
            Deque.class,
            ArrayList.class,
            LinkedList.class,
            ArrayDeque.class,
            HashSet.class,
            LinkedHashSet.class,
            TreeSet.class,
            EnumSet.class,
            PriorityQueue.class);

    private static final Set<Class<?>> MAPS = Set.of(
            Map.class,
            SortedMap.class,
            NavigableMap.class,
            ConcurrentMap.class,
            HashMap.class,
            LinkedHashMap.class,
            TreeMap.class,
            EnumMap.class,
            ConcurrentHashMap.class);

    private static final String EXPECTED =
            "a number, string, enum, date or time, point, array, collection or map of java.util, Optional, "
                    + "record, or class with fields of such types; or a transient field";

    private final TypeFactory factory;
    private final Set<JavaType> seen = new HashSet<>();
    private final Set<Class<?>> structures = new HashSet<>();

    private StateTypes(TypeFactory factory) {
        this.factory = factory;
    }

    /**
     * Checks a type and all types that it consists of.
     *
     * @return the records and classes with fields among them
     * @throws IllegalArgumentException if one of the types cannot be stored; the message names the type and where it
     *     occurs
     */
    static Set<Class<?>> structuresOf(JavaType type, TypeFactory factory) {
        StateTypes types = new StateTypes(factory);
        // A collection has no element type here, because the type is only a Class, without generics.
        if (type.isContainerType() && !type.isArrayType()) {
            throw refused(type, "", "a record or class with the collection as a field");
        }
        types.visit(type, "", true);
        for (Class<?> structure : types.structures) {
            for (Class<?> other : types.structures) {
                // Otherwise an instance of a subclass could be stored where the superclass is declared, and would lose
                // its additional fields.
                if (structure != other && structure.isAssignableFrom(other)) {
                    throw refused(factory.constructType(other), "", "not a subclass of " + structure.getName());
                }
            }
        }
        return Set.copyOf(types.structures);
    }

    /**
     * Whether a type is neither a scalar, nor an enum, nor an array. It is then a record, a class with fields, or a
     * container.
     */
    static boolean isStructure(Class<?> type) {
        return !SCALARS.contains(type) && !type.isEnum() && !type.isArray();
    }

    /**
     * @param at where the type occurs, for messages
     * @param exists whether there is an instance to fill, so that none has to be created
     */
    private void visit(JavaType type, String at, boolean exists) {
        Class<?> raw = type.getRawClass();
        if (SCALARS.contains(raw) || type.isEnumType() && raw != Enum.class) {
            return;
        }
        if (type.isArrayType() || COLLECTIONS.contains(raw) || raw == Optional.class) {
            visit(type.getContentType(), at, false);
        } else if (MAPS.contains(raw)) {
            visitKey(type.getKeyType(), at);
            visit(type.getContentType(), at, false);
        } else if (isOpaque(raw)) {
            throw refused(type, at, EXPECTED);
        } else {
            if (!raw.isRecord() && !exists && !hasConstructorWithoutArguments(raw)) {
                throw refused(type, at, "a record, a class that has a constructor without arguments, or a final field");
            }
            if (seen.add(type)) {
                structures.add(raw);
                visitFields(type);
            }
        }
    }

    private void visitKey(JavaType type, String at) {
        if (!KEYS.contains(type.getRawClass()) && !type.isEnumType()) {
            throw refused(type, at, "a string, number, enum, date or time as the key of a map");
        }
    }

    private void visitFields(JavaType type) {
        Class<?> raw = type.getRawClass();
        if (raw.isRecord()) {
            for (RecordComponent component : raw.getRecordComponents()) {
                JavaType componentType = factory.resolveMemberType(component.getGenericType(), type.getBindings());
                visit(componentType, at(raw, component.getName()), false);
            }
            return;
        }
        Set<String> names = new HashSet<>();
        for (JavaType owner = type; owner.getRawClass() != Object.class; owner = owner.getSuperClass()) {
            if (isOpaqueParent(owner.getRawClass())) {
                throw refused(
                        type, "", "not a subclass of " + owner.getRawClass().getName());
            }
            for (Field field : owner.getRawClass().getDeclaredFields()) {
                if (isStored(field)) {
                    String at = at(owner.getRawClass(), field.getName());
                    if (!names.add(field.getName())) {
                        throw new IllegalArgumentException(
                                "field" + at + " (expected: no other of this name in a subclass)");
                    }
                    JavaType fieldType = factory.resolveMemberType(field.getGenericType(), owner.getBindings());
                    visit(fieldType, at, Modifier.isFinal(field.getModifiers()));
                }
            }
        }
    }

    private static boolean isStored(Field field) {
        return !field.isSynthetic() && (field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0;
    }

    /** Whether the contents of the instances of a class are unknown, or no instance can be created. */
    private static boolean isOpaque(Class<?> type) {
        return type.isInterface()
                || type.isAnnotation()
                || Modifier.isAbstract(type.getModifiers())
                || isOpaqueParent(type)
                || Collection.class.isAssignableFrom(type)
                || Map.class.isAssignableFrom(type);
    }

    private static boolean isOpaqueParent(Class<?> type) {
        return type.getName().startsWith("java.") || type.getName().startsWith("javax.");
    }

    private static boolean hasConstructorWithoutArguments(Class<?> type) {
        return Arrays.stream(type.getDeclaredConstructors())
                .mapToInt(Constructor::getParameterCount)
                .anyMatch(count -> count == 0);
    }

    private static String at(Class<?> owner, String field) {
        return " at " + owner.getSimpleName() + "." + field;
    }

    private static IllegalArgumentException refused(JavaType type, String at, String expected) {
        return new IllegalArgumentException(type.toCanonical() + at + " (expected: " + expected + ")");
    }
}
