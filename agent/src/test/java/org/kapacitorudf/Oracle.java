package org.kapacitorudf;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.kapacitorudf.proto.UdfProto;

/** Parses bytes with protobuf's own classes. */
public final class Oracle {
    private static final Descriptors.FileDescriptor WITHOUT_TEXTS = withoutTexts();

    private Oracle() {}

    /** The message, if the generated parser accepts the bytes. */
    public static <M extends Message> Optional<M> parse(Parser<M> parser, byte[] bytes) {
        try {
            return Optional.of(parser.parseFrom(bytes));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether the bytes may contain a varint that is too long, which protobuf-java 4.36 does not detect.
     *
     * <p>In its fast path, the tenth byte ends a varint even if its highest bit says that there are more. Its own slow
     * path, C++ and Go refuse that.
     */
    public static boolean isUnreliable(byte[] bytes) {
        int continued = 0;
        for (byte next : bytes) {
            continued = next < 0 ? continued + 1 : 0;
            if (continued == 10) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the bytes are a message, apart from texts with invalid UTF-8.
     *
     * @param message its name: {@code "Point"}
     */
    public static boolean isStructureOf(String message, byte[] bytes) {
        try {
            DynamicMessage.parseFrom(WITHOUT_TEXTS.findMessageTypeByName(message), bytes);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * All messages with {@code bytes} instead of {@code string}. Maps, whose keys cannot be bytes, are the repeated
     * messages of their encoding.
     */
    private static Descriptors.FileDescriptor withoutTexts() {
        FileDescriptorProto.Builder file = UdfProto.getDescriptor().toProto().toBuilder();
        for (DescriptorProto.Builder message : file.getMessageTypeBuilderList()) {
            message.getFieldBuilderList().forEach(Oracle::withoutText);
            for (DescriptorProto.Builder entry : message.getNestedTypeBuilderList()) {
                entry.clearOptions().getFieldBuilderList().forEach(Oracle::withoutText);
            }
        }
        try {
            return Descriptors.FileDescriptor.buildFrom(file.build(), new Descriptors.FileDescriptor[0]);
        } catch (Descriptors.DescriptorValidationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void withoutText(FieldDescriptorProto.Builder field) {
        if (field.getType() == FieldDescriptorProto.Type.TYPE_STRING) {
            field.setType(FieldDescriptorProto.Type.TYPE_BYTES);
        }
    }

    /** All fields as in Kapacitor, which fills its single map from the four in this order. */
    public static Map<String, Object> fields(org.kapacitorudf.proto.Point point) {
        Map<String, Object> fields = new LinkedHashMap<>(point.getFieldsStringMap());
        fields.putAll(point.getFieldsIntMap());
        fields.putAll(point.getFieldsDoubleMap());
        fields.putAll(point.getFieldsBoolMap());
        return fields;
    }
}
