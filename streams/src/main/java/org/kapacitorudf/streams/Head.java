package org.kapacitorudf.streams;

import java.util.Arrays;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.kapacitorudf.internal.wire.Wire;

/**
 * The key and the headers of a point's record, read from the encoded point: the protobuf message {@code agent.Point}.
 *
 * <p>Threading: one thread at a time.
 */
final class Head {
    static final String DATABASE = "database";
    static final String RETENTION_POLICY = "retention-policy";

    private static final int DATABASE_TAG = Wire.tag(3, Wire.LENGTH);
    private static final int RETENTION_POLICY_TAG = Wire.tag(4, Wire.LENGTH);
    private static final int GROUP_TAG = Wire.tag(5, Wire.LENGTH);
    private static final byte[] NOTHING = {};

    private byte[] group = NOTHING;
    private byte[] database = NOTHING;
    private byte[] retentionPolicy = NOTHING;

    /** Reads a point. If a field occurs twice, the last one is used. */
    void read(byte[] bytes, int offset, int length) {
        group = NOTHING;
        database = NOTHING;
        retentionPolicy = NOTHING;
        for (int field = offset; field < offset + length; field = Wire.fieldEnd(bytes, field)) {
            int tag = Wire.tagAt(bytes, field);
            if (tag == GROUP_TAG) {
                group = body(bytes, field);
            } else if (tag == DATABASE_TAG) {
                database = body(bytes, field);
            } else if (tag == RETENTION_POLICY_TAG) {
                retentionPolicy = body(bytes, field);
            }
        }
    }

    private static byte[] body(byte[] bytes, int field) {
        return Arrays.copyOfRange(bytes, Wire.bodyStart(bytes, field), Wire.fieldEnd(bytes, field));
    }

    /** The key of the record. */
    byte[] group() {
        return group;
    }

    /** The size of the key and of the values of the headers. */
    int bytes() {
        return group.length + database.length + retentionPolicy.length;
    }

    Headers headers() {
        Headers headers = new RecordHeaders();
        if (database.length > 0) {
            headers.add(DATABASE, database);
        }
        if (retentionPolicy.length > 0) {
            headers.add(RETENTION_POLICY, retentionPolicy);
        }
        return headers;
    }
}
