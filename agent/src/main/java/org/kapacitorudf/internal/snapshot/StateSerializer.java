package org.kapacitorudf.internal.snapshot;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.errors.SnapshotException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.Version;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.BeanDeserializerBuilder;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.ValueInstantiators;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.type.LogicalType;
import tools.jackson.databind.type.TypeFactory;
import tools.jackson.dataformat.cbor.CBORFactory;
import tools.jackson.dataformat.cbor.CBORMapper;

/**
 * Writes and reads the values of one type as CBOR. This class contains the whole configuration of Jackson.
 *
 * <p>A record is stored as its components. An object is stored as its fields of any visibility, except transient ones;
 * getters, setters and annotations have no effect. A field or component that is missing in a snapshot gets the value of
 * a fresh object. Fields that no longer exist are ignored. A snapshot never names a class: only classes that
 * {@link StateTypes} has found in the declared type are created.
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} for a type that cannot be stored, {@link SnapshotException} for a value
 * that cannot be stored, and for bytes that do not match the type.
 */
final class StateSerializer<T> {
    private static final ClassValue<StateSerializer<?>> SERIALIZERS = new ClassValue<>() {
        @Override
        protected StateSerializer<?> computeValue(Class<?> type) {
            return new StateSerializer<>(type);
        }
    };

    private final Class<T> type;
    private final boolean updated;
    private final CBORMapper mapper;
    private final ObjectWriter writer;
    private final ObjectReader reader;

    private StateSerializer(Class<T> type) {
        JavaType javaType = TypeFactory.createDefaultInstance().constructType(type);
        Set<Class<?>> structures = StateTypes.structuresOf(javaType, TypeFactory.createDefaultInstance());
        this.type = type;
        this.updated = StateTypes.isStructure(type) && !type.isRecord();
        this.mapper = mapper(type, structures);
        this.writer = mapper.writerFor(javaType);
        this.reader = mapper.readerFor(javaType);
        structures.forEach(this::requireBean);
    }

    /**
     * Returns the serializer of a type. Throws {@link IllegalArgumentException} with the reason if the type cannot be
     * stored.
     */
    @SuppressWarnings("unchecked") // created for this class
    static <T> StateSerializer<T> of(Class<T> type) {
        return (StateSerializer<T>) SERIALIZERS.get(type);
    }

    /**
     * Returns the value. Rejects null, and also an instance of a subclass, because the additional fields of a subclass
     * would be lost.
     */
    T checked(T value) {
        Objects.requireNonNull(value, "state: null (expected: a value)");
        if (value.getClass() != type && StateTypes.isStructure(type)) {
            throw new IllegalArgumentException(
                    "state: a " + value.getClass().getName() + " (expected: a " + type.getName() + ", not a subclass)");
        }
        return value;
    }

    void writeValue(T value, OutputStream out) {
        try (JsonGenerator generator = mapper.createGenerator(out)) {
            writer.writeValue(generator, value);
        } catch (RuntimeException | StackOverflowError e) {
            throw failed(e);
        }
    }

    /**
     * Writes {@code [group, value, group, value ...]}, or
     * {@code [clock, group, last use, value, group, last use, value ...]}.
     *
     * @param clock the clock of the last uses; null if groups have no last use
     */
    GroupsWriter groupsWriter(OutputStream out, @Nullable UseClock clock) {
        return new GroupsWriter(out, clock);
    }

    /** Writes groups one at a time. Threading: one thread at a time. */
    final class GroupsWriter {
        private final JsonGenerator generator;

        private GroupsWriter(OutputStream out, @Nullable UseClock clock) {
            generator = mapper.createGenerator(out);
            generator.writeStartArray();
            if (clock != null) {
                generator.writeString(clock.text());
            }
        }

        void write(String group, T value) {
            try {
                generator.writeString(group);
                writer.writeValue(generator, value);
            } catch (RuntimeException | StackOverflowError e) {
                throw failedAt(group, e);
            }
        }

        void write(String group, long lastUse, T value) {
            try {
                generator.writeString(group);
                generator.writeNumber(lastUse);
                writer.writeValue(generator, value);
            } catch (RuntimeException | StackOverflowError e) {
                throw failedAt(group, e);
            }
        }

        void end() {
            try {
                generator.writeEndArray();
                generator.close();
            } catch (RuntimeException e) {
                throw failed(e);
            }
        }
    }

    /** Receives the groups of a section one at a time. */
    interface GroupTaker<T> {
        /**
         * Adds a group.
         *
         * @param lastUse 0 if the section does not contain it
         * @return whether the group was new
         */
        boolean take(String group, long lastUse, T value);
    }

    T readValue(Envelope.Section section, Supplier<? extends T> fresh) {
        try (JsonParser parser = GroupsParser.parser(section, mapper)) {
            parser.nextToken();
            GroupsParser.requireValue(parser);
            return read(parser, reader.withAttribute(FreshRecord.FRESH, fresh), fresh);
        } catch (RuntimeException | StackOverflowError e) {
            throw failed(e);
        }
    }

    /**
     * Reads what a {@link GroupsWriter} has written.
     *
     * @return the clock by which last uses were recorded; null if the section has no clock or its clock is unknown
     */
    @Nullable
    UseClock readGroups(Envelope.Section section, Supplier<? extends T> fresh, GroupTaker<T> taker) {
        String at = null;
        try (GroupsParser groups = GroupsParser.of(section, mapper)) {
            ObjectReader values = reader.withAttribute(FreshRecord.FRESH, fresh);
            while (groups.next()) {
                at = groups.group();
                T value = read(groups.values(), values, fresh);
                require(taker.take(at, groups.lastUse(), value), "group twice", "each group once");
            }
            return UseClock.of(groups.clock());
        } catch (RuntimeException | StackOverflowError e) {
            throw failedAt(at, e);
        }
    }

    private T read(JsonParser parser, ObjectReader values, Supplier<? extends T> fresh) {
        if (updated) {
            // Jackson treats anything else as an object without fields.
            require(
                    parser.currentToken() == JsonToken.START_OBJECT,
                    parser.currentToken().toString(),
                    "an object");
            return values.withValueToUpdate(checked(fresh.get())).readValue(parser);
        }
        return checked(values.readValue(parser));
    }

    private void requireBean(Class<?> structure) {
        JavaType javaType = mapper.constructType(structure);
        Object serializer;
        Object deserializer;
        try {
            serializer = mapper._serializationContext().findTypedValueSerializer(javaType, true);
            deserializer = mapper._deserializationContext().findRootValueDeserializer(javaType);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    structure.getName() + ": " + oneLine(e) + " (expected: a record, or a class with fields)", e);
        }
        if (!(serializer instanceof BeanSerializerBase && deserializer instanceof BeanDeserializerBase)) {
            throw new IllegalArgumentException(structure.getName() + " (expected: a record, or a class with fields)");
        }
    }

    private static void require(boolean condition, String found, String expected) {
        if (!condition) {
            throw new SnapshotException(found + " (expected: " + expected + ")");
        }
    }

    private SnapshotException failedAt(@Nullable String group, Throwable cause) {
        return at(group, failed(cause));
    }

    /** Returns the failure with the name of the group added; unchanged if there is no group. */
    static SnapshotException at(@Nullable String group, SnapshotException failure) {
        if (group == null) {
            return failure;
        }
        return new SnapshotException("group \"" + shortened(group) + "\": " + failure.getMessage(), failure.getCause());
    }

    private SnapshotException failed(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SnapshotException known) {
                return known;
            }
        }
        return new SnapshotException("no " + type.getName() + ": " + oneLine(failure), failure);
    }

    static String oneLine(Throwable failure) {
        if (!(failure instanceof JacksonException jackson)) {
            return shortened(failure.toString());
        }
        String where = jackson.getPathReference();
        return shortened(jackson.getOriginalMessage()) + (where.isEmpty() ? "" : " at " + shortened(where));
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() > 300 ? line.substring(0, 300) + "..." : line;
    }

    /** Creates a factory of parsers for CBOR that has been checked. */
    static CBORFactory factory() {
        return CBORFactory.builder()
                // Everything that was written must be readable, however long names and numbers are. No length is
                // trusted before its bytes have arrived.
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxNameLength(Integer.MAX_VALUE)
                        .maxNumberLength(Integer.MAX_VALUE)
                        .build())
                // The keys of a map are the function's data; there may be millions of different keys.
                .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                .build();
    }

    private static CBORMapper mapper(Class<?> type, Set<Class<?>> structures) {
        return CBORMapper.builder(factory())
                .disable(MapperFeature.USE_ANNOTATIONS, MapperFeature.ALLOW_COERCION_OF_SCALARS)
                // Final fields, such as "private final double[] values", are common. JDK 26 and later print one warning
                // when Jackson writes them.
                .enable(MapperFeature.ALLOW_FINAL_FIELDS_AS_MUTATORS)
                .disable(SerializationFeature.FLUSH_AFTER_WRITE_VALUE)
                .disable(
                        DeserializationFeature.ACCEPT_FLOAT_AS_INT,
                        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                        DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
                .disable(DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                .withCoercionConfig(
                        LogicalType.Textual,
                        config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .changeDefaultVisibility(
                        visibility -> visibility.with(Visibility.NONE).withFieldVisibility(Visibility.ANY))
                .addModule(new StateModule(type, structures))
                .build();
    }

    private static final class StateModule extends JacksonModule {
        private final Class<?> type;
        private final Set<Class<?>> structures;

        StateModule(Class<?> type, Set<Class<?>> structures) {
            this.type = type;
            this.structures = structures;
        }

        @Override
        public String getModuleName() {
            return "state";
        }

        @Override
        public Version version() {
            return Version.unknownVersion();
        }

        @Override
        public void setupModule(SetupContext context) {
            context.addSerializers(new UnusualCollections());
            StoredPoint.addTo(context);
            context.addSerializerModifier(new KnownClassesOnly(structures));
            context.addDeserializerModifier(new FieldsInPlace());
            if (type.isRecord()) {
                context.addValueInstantiators(new FreshRecords(type));
            }
        }
    }

    /**
     * Rejects an instance of a class that does not occur in the declared type. After a restore, it would be an
     * instance of the declared class.
     */
    private static final class KnownClassesOnly extends ValueSerializerModifier {
        private final Set<Class<?>> structures;

        KnownClassesOnly(Set<Class<?>> structures) {
            this.structures = structures;
        }

        @Override
        public ValueSerializer<?> modifySerializer(
                SerializationConfig config, BeanDescription.Supplier description, ValueSerializer<?> serializer) {
            Class<?> found = description.getBeanClass();
            if (serializer instanceof BeanSerializerBase && !structures.contains(found)) {
                throw new SnapshotException(found.getName() + " (expected: the declared class, not a subclass)");
            }
            return serializer;
        }
    }

    private static final class FieldsInPlace extends ValueDeserializerModifier {
        @Override
        public BeanDeserializerBuilder updateBuilder(
                DeserializationConfig config, BeanDescription.Supplier description, BeanDeserializerBuilder builder) {
            if (!description.isRecordType()) {
                ArrayList<SettableBeanProperty> fields = new ArrayList<>();
                builder.getProperties().forEachRemaining(fields::add);
                fields.forEach(field -> builder.addOrReplaceProperty(InPlaceProperty.of(field), true));
            }
            return builder;
        }
    }

    private static final class FreshRecords extends ValueInstantiators.Base {
        private final Class<?> type;

        FreshRecords(Class<?> type) {
            this.type = type;
        }

        @Override
        public ValueInstantiator modifyValueInstantiator(
                DeserializationConfig config, BeanDescription.Supplier description, ValueInstantiator instantiator) {
            return description.getBeanClass() == type ? new FreshRecord(instantiator) : instantiator;
        }
    }
}
