package org.kapacitorudf.errors;

import org.kapacitorudf.Handler;

/**
 * A point lacks a field or tag that the function needs, or has it with another type.
 *
 * <p>Thrown out of {@link Handler#point}, it skips that one point (counted, and logged at a limited rate): one odd point must not end a task.
 */
public final class FieldException extends UdfException {
    private static final long serialVersionUID = 1;

    public FieldException(String message) {
        super(message);
    }
}
