package org.kapacitorudf.errors;

/**
 * A snapshot cannot be written, or is none that this function can take back: it is another function's, of another version, damaged, or its state no longer fits.
 *
 * <p>After a failed restore all state is as it was before. A failed snapshot ends nothing: Kapacitor is given the last good one again.
 */
public final class SnapshotException extends UdfException {
    private static final long serialVersionUID = 1;

    public SnapshotException(String message) {
        super(message);
    }

    public SnapshotException(String message, Throwable cause) {
        super(message, cause);
    }
}
