package org.kapacitorudf.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.kapacitorudf.GroupState;
import org.kapacitorudf.SnapshotException;
import org.kapacitorudf.State;

/**
 * All the state of one handler: declared in {@code create}, written into snapshots, taken back from them.
 *
 * <p>A snapshot is an envelope around named states; all numbers are big-endian, names are UTF-8:
 * <pre>
 *   4B 55 44 46               "KUDF"
 *   01                        format
 *   E0 BE 3B 8E               CRC-32C of all that follows
 *   03 61 62 63               name of the UDF after its length, "abc"
 *   00 00 00 01               version of its state
 *   00 00 00 02 | CA FE       the handler's own bytes after their number
 *   then for each state that holds anything:
 *   02                        kind: 1 is one value, 2 a value for each group
 *   06 77 69 6E 64 6F 77      its name after its length, "window"
 *   00 00 00 1A | 26 bytes    CBOR after its length: the value, or an array of group, value, group, value ...
 * </pre>
 *
 * <p>A UDF without any state has an empty snapshot, of zero bytes: Kapacitor would store anything else over the last good one (protocol.md, section 3).
 *
 * <p>Threading: one call at a time: {@code create}, then the handler's calls.
 *
 * <p>Errors: {@link SnapshotException}, with the UDF or the state, what is wrong with it and what was expected. A failed restore leaves all as it was. Bytes of
 * any origin do no more harm than that: lengths are checked before anything of theirs is allocated, and no class is ever named by a snapshot.
 */
public final class States {
    /** The format that is written, and the only one that is read. */
    private static final int FORMAT = 1;

    private static final byte[] MAGIC = {'K', 'U', 'D', 'F'};
    private static final int CHECKSUM_AT = MAGIC.length + 1;
    private static final int BODY_AT = CHECKSUM_AT + 4;
    private static final int MAX_NAME_BYTES = 255;

    private final String udf;
    private final int version;
    private final int maxSnapshotBytes;
    private final Map<String, StoredState> states = new LinkedHashMap<>();
    private boolean sealed;

    /**
     * @param udf the UDF's name
     * @param version the version of its state, {@code Description.version()}
     * @param maxSnapshotBytes more than that is no snapshot
     */
    public States(String udf, int version, int maxSnapshotBytes) {
        this.udf = checkedName("udf", udf);
        this.version = version;
        this.maxSnapshotBytes = maxSnapshotBytes;
    }

    /**
     * Declares a state with one value for each group.
     *
     * @throws IllegalArgumentException if the name is taken, or the type cannot be stored
     * @throws IllegalStateException after {@link #seal}
     */
    public <T> GroupState<T> groupState(String name, Class<T> type, Supplier<? extends T> fresh) {
        StatePerGroup<T> state = new StatePerGroup<>(serializer(name, type), Objects.requireNonNull(fresh, "fresh"));
        states.put(name, state);
        return state;
    }

    /**
     * Declares a state with one value.
     *
     * @throws IllegalArgumentException if the name is taken, or the type cannot be stored
     * @throws IllegalStateException after {@link #seal}
     */
    public <T> State<T> state(String name, Class<T> type, Supplier<? extends T> fresh) {
        SingleState<T> state = new SingleState<>(serializer(name, type), Objects.requireNonNull(fresh, "fresh"));
        states.put(name, state);
        return state;
    }

    /** Ends the declarations: {@code create} has returned. */
    public void seal() {
        sealed = true;
    }

    /**
     * Writes all state.
     *
     * @param handlerBytes what {@code Handler.snapshot} gave
     * @return zero bytes if there is nothing to write
     */
    public byte[] snapshot(byte[] handlerBytes) {
        if (handlerBytes.length == 0 && states.values().stream().allMatch(StoredState::isEmpty)) {
            return new byte[0];
        }
        SnapshotBuffer out = new SnapshotBuffer(maxSnapshotBytes);
        out.write(MAGIC, 0, MAGIC.length);
        out.write(FORMAT);
        out.writeInt(0);
        out.writeName(udf);
        out.writeInt(version);
        out.writeInt(handlerBytes.length);
        out.write(handlerBytes, 0, handlerBytes.length);
        states.forEach((name, state) -> {
            if (!state.isEmpty()) {
                writeSection(out, name, state);
            }
        });
        out.setInt(CHECKSUM_AT, out.checksum(BODY_AT));
        return out.toByteArray();
    }

    /** What a snapshot holds beside the states, and what is worth a line in the log. */
    public record Restored(byte[] handlerBytes, List<String> notes) {}

    /**
     * Takes back all state, or changes nothing at all. A state that the snapshot does not have stays as it is; one that is no longer declared is left out, with a
     * note.
     *
     * @return with what {@code Handler.restore} is to be given, zero bytes if nothing
     */
    public Restored restore(byte[] snapshot) {
        if (snapshot.length == 0) {
            return new Restored(new byte[0], List.of());
        }
        ByteBuffer in = opened(snapshot);
        byte[] handlerBytes = new byte[readLength(in, "the handler's own bytes")];
        in.get(handlerBytes);
        List<Runnable> changes = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Set<String> names = new HashSet<>();
        while (in.hasRemaining()) {
            int kind = in.get();
            String name = readName(in);
            int length = readLength(in, "state \"" + name + "\"");
            if (!names.add(name)) {
                throw damaged("state \"" + name + "\" twice", "each state once");
            }
            StoredState state = states.get(name);
            if (state == null) {
                notes.add("snapshot: state \"" + name + "\" left out (expected: one of " + states.keySet() + ")");
            } else {
                changes.add(readSection(name, state, kind, in.array(), in.position(), length));
            }
            in.position(in.position() + length);
        }
        changes.forEach(Runnable::run);
        return new Restored(handlerBytes, List.copyOf(notes));
    }

    private <T> StateSerializer<T> serializer(String name, Class<T> type) {
        checkedName("state", name);
        if (sealed) {
            throw new IllegalStateException("state \"" + name + "\": declared too late (expected: in create())");
        }
        if (states.containsKey(name)) {
            throw new IllegalArgumentException("state: \"" + name + "\" (expected: each name once)");
        }
        try {
            return StateSerializer.of(type);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("state \"" + name + "\": " + e.getMessage(), e);
        }
    }

    private static void writeSection(SnapshotBuffer out, String name, StoredState state) {
        out.write(state.kind().code());
        out.writeName(name);
        int lengthAt = out.length();
        out.writeInt(0);
        try {
            state.write(out);
        } catch (SnapshotException e) {
            throw new SnapshotException("state \"" + name + "\": " + e.getMessage(), e);
        }
        out.setInt(lengthAt, out.length() - lengthAt - 4);
    }

    private static Runnable readSection(
            String name, StoredState state, int kind, byte[] bytes, int offset, int length) {
        if (kind != state.kind().code()) {
            throw new SnapshotException("snapshot: state \"" + name + "\" of kind " + kind + " (expected: "
                    + state.kind().code() + ", " + state.kind().phrase() + ")");
        }
        try {
            return state.read(bytes, offset, length);
        } catch (SnapshotException e) {
            throw new SnapshotException("snapshot: state \"" + name + "\": " + e.getMessage(), e);
        }
    }

    /** Checks all that says whether these bytes are a snapshot of this UDF's, and gives what is in it. */
    private ByteBuffer opened(byte[] snapshot) {
        int magic = Arrays.mismatch(snapshot, MAGIC);
        if (magic >= 0 && magic < MAGIC.length) {
            throw new SnapshotException(
                    "snapshot: foreign, " + snapshot.length + " bytes (expected: \"KUDF\" at its beginning)");
        }
        if (snapshot.length < BODY_AT) {
            throw damaged(snapshot.length + " bytes", ">= " + BODY_AT);
        }
        ByteBuffer in = ByteBuffer.wrap(snapshot).order(ByteOrder.BIG_ENDIAN).position(MAGIC.length);
        int format = Byte.toUnsignedInt(in.get());
        if (format != FORMAT) {
            throw new SnapshotException("snapshot: format " + format + " (expected: " + FORMAT + ")");
        }
        int stored = in.getInt();
        CRC32C crc = new CRC32C();
        crc.update(snapshot, BODY_AT, snapshot.length - BODY_AT);
        if (stored != (int) crc.getValue()) {
            throw damaged("checksum " + Integer.toHexString((int) crc.getValue()), Integer.toHexString(stored));
        }
        String ofUdf = readName(in);
        if (!ofUdf.equals(udf)) {
            throw new SnapshotException("snapshot: of UDF \"" + ofUdf + "\" (expected: \"" + udf + "\")");
        }
        require(in, 4, "version");
        int ofVersion = in.getInt();
        if (ofVersion != version) {
            throw new SnapshotException(
                    "snapshot: of version " + ofVersion + " of UDF \"" + udf + "\" (expected: " + version + ")");
        }
        return in;
    }

    private static String readName(ByteBuffer in) {
        require(in, 1, "name");
        int length = Byte.toUnsignedInt(in.get());
        require(in, length, "name");
        ByteBuffer encoded = in.slice().limit(length);
        in.position(in.position() + length);
        try {
            CharBuffer name = StandardCharsets.UTF_8.newDecoder().decode(encoded);
            return checkedName("name", name.toString());
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw new SnapshotException("snapshot: damaged, a name that is none (expected: printable UTF-8)", e);
        }
    }

    private static int readLength(ByteBuffer in, String of) {
        require(in, 4, of);
        int length = in.getInt();
        if (length < 0) {
            throw damaged(of + " of " + Integer.toUnsignedString(length) + " bytes", "<= " + in.remaining());
        }
        require(in, length, of);
        return length;
    }

    private static void require(ByteBuffer in, int bytes, String of) {
        if (in.remaining() < bytes) {
            throw damaged(of + " of " + bytes + " bytes", "<= " + in.remaining());
        }
    }

    private static SnapshotException damaged(String found, String expected) {
        return new SnapshotException("snapshot: damaged, " + found + " (expected: " + expected + ")");
    }

    private static String checkedName(String what, String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0
                || bytes > MAX_NAME_BYTES
                || name.chars().anyMatch(Character::isISOControl)
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException(
                    what + ": \"" + name + "\" (expected: 1 to " + MAX_NAME_BYTES + " bytes, printable)");
        }
        return name;
    }
}
