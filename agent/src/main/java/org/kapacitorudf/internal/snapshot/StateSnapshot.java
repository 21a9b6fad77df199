package org.kapacitorudf.internal.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.kapacitorudf.Description;
import org.kapacitorudf.errors.SnapshotException;

/**
 * A snapshot in progress: all state as of one moment, while the handler keeps running.
 *
 * <pre>
 *   begin -> goOn -> calls of the handler -> goOn -> ... -> goOn: true -> toBytes
 * </pre>
 *
 * <p>Threading: {@link #begin}, {@link #goOn} and {@link #end} are called by the thread that makes the handler's calls.
 * When everything is written, any thread may call {@link #toBytes} concurrently.
 *
 * <p>Errors: {@link SnapshotException} if a value cannot be written, or if the snapshot is too large. In both cases the
 * snapshot has ended.
 */
public final class StateSnapshot {
    private final SnapshotBuffer head;
    private final List<Part> parts = new ArrayList<>();
    private final boolean isNothing;
    private final long groups;
    private int written;

    /** The part of the snapshot for one state. */
    private record Part(String name, SnapshotBuffer head, SnapshotBuffer body, StoredState.Writing writing) {}

    private StateSnapshot(SnapshotBuffer head, boolean isNothing, long groups) {
        this.head = head;
        this.isNothing = isNothing;
        this.groups = groups;
    }

    static StateSnapshot begin(
            Description description,
            int maxBytes,
            byte[] handlerBytes,
            Map<String, StoredState> states,
            boolean replaces) {
        SnapshotBuffer.Limit limit = new SnapshotBuffer.Limit(maxBytes);
        SnapshotBuffer head = new SnapshotBuffer(limit);
        boolean isNothing = !replaces
                && handlerBytes.length == 0
                && states.values().stream().allMatch(StoredState::isEmpty);
        if (!isNothing) {
            limit.take(Envelope.HEAD_BYTES);
            head.writeName(description.name());
            head.writeInt(description.version());
            head.writeInt(handlerBytes.length);
            head.write(handlerBytes, 0, handlerBytes.length);
        }
        long groups =
                states.values().stream().mapToLong(StoredState::groupCount).sum();
        StateSnapshot snapshot = new StateSnapshot(head, isNothing, groups);
        states.forEach((name, state) -> {
            if (!state.isEmpty()) {
                snapshot.begin(name, state, limit);
            }
        });
        return snapshot;
    }

    private void begin(String name, StoredState state, SnapshotBuffer.Limit limit) {
        try {
            SnapshotBuffer partHead = new SnapshotBuffer(limit);
            partHead.write(state.kind().code());
            partHead.writeName(name);
            SnapshotBuffer body = new SnapshotBuffer(limit);
            parts.add(new Part(name, partHead, body, state.begin(body)));
        } catch (Throwable e) {
            end();
            throw failed(name, e);
        }
    }

    /**
     * Writes as long as allowed, and at least a little.
     *
     * @return whether everything is written
     */
    public boolean goOn(BooleanSupplier mayGoOn) {
        while (written < parts.size()) {
            Part part = parts.get(written);
            try {
                if (!part.writing.goOn(mayGoOn)) {
                    return false;
                }
                part.writing.end();
                part.head.writeInt(part.body.length());
            } catch (Throwable e) {
                end();
                throw failed(part.name, e);
            }
            written++;
        }
        return true;
    }

    private static RuntimeException failed(String name, Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof SnapshotException
                ? new SnapshotException("state \"" + name + "\": " + cause.getMessage(), cause)
                : (RuntimeException) cause;
    }

    /** Ends the snapshot, whether or not it is complete. The states are not affected. */
    public void end() {
        parts.forEach(part -> part.writing.end());
    }

    /**
     * Returns the snapshot, compressed if that makes it at least a tenth smaller; zero bytes if there is nothing to
     * write.
     */
    public byte[] toBytes() {
        return isNothing ? new byte[0] : Envelope.around(buffers());
    }

    private List<SnapshotBuffer> buffers() {
        List<SnapshotBuffer> buffers = new ArrayList<>(List.of(head));
        parts.forEach(part -> buffers.addAll(List.of(part.head, part.body)));
        return buffers;
    }

    /** The size of the snapshot before compression. */
    public int plainBytes() {
        return isNothing
                ? 0
                : Envelope.HEAD_BYTES
                        + buffers().stream().mapToInt(SnapshotBuffer::length).sum();
    }

    /** The number of groups of all states. */
    public long groups() {
        return groups;
    }
}
