package org.kapacitorudf.errors;

import org.jspecify.annotations.Nullable;

/**
 * A snapshot cannot be written, or cannot be restored by this function: it belongs to another function or another
 * version, is damaged, or does not match the state.
 *
 * <p>After a failed restore, all state is unchanged. A failed snapshot does not end the task: Kapacitor receives the
 * last good one again.
 */
public final class SnapshotException extends UdfException {
    private static final long serialVersionUID = 1;

    public SnapshotException(String message) {
        super(message);
    }

    public SnapshotException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
