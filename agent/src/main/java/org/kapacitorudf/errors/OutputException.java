package org.kapacitorudf.errors;

import org.kapacitorudf.Output;

/**
 * Something that was given to {@link Output} was not sent: it breaks a rule of the protocol, exceeds a limit, or the connection has ended.
 *
 * <p>Nothing of it was sent. Thrown out of a handler it ends the task, with its message as the task's error, unless the connection has ended already.
 */
public class OutputException extends UdfException {
    private static final long serialVersionUID = 1;

    public OutputException(String message) {
        super(message);
    }
}
