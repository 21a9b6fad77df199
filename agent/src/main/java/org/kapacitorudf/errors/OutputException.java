package org.kapacitorudf.errors;

import org.kapacitorudf.Output;

/**
 * Data that was passed to {@link Output} was not sent: it violates a rule of the protocol or exceeds a limit, or the
 * connection has ended.
 *
 * <p>No part of the data was sent. If the handler does not catch this exception, the function's {@link FailurePolicy}
 * applies.
 */
public class OutputException extends UdfException {
    private static final long serialVersionUID = 1;

    public OutputException(String message) {
        super(message);
    }
}
