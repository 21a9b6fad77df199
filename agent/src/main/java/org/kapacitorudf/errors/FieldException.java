package org.kapacitorudf.errors;

import org.kapacitorudf.Handler;

/**
 * A point lacks a field or tag that the function needs, or the field has another type.
 *
 * <p>If {@link Handler#point} throws this exception, only that point is skipped, because one unusual point must not end
 * a task. Skipped points are counted, and logged at a limited rate.
 */
public final class FieldException extends UdfException {
    private static final long serialVersionUID = 1;

    public FieldException(String message) {
        super(message);
    }
}
