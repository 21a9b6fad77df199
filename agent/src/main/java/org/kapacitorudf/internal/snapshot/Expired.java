package org.kapacitorudf.internal.snapshot;

import org.kapacitorudf.Output;

/**
 * An expired group about which the handler must be notified. Threading: for use only within the handler's calls.
 *
 * @param group the name of the group
 */
public record Expired(String group, Notification notification) {
    /** Calls the handler. */
    interface Notification {
        void tell(Output output) throws Exception;
    }

    /** Notifies the handler. Errors: those of the handler. */
    public void tell(Output output) throws Exception {
        notification.tell(output);
    }
}
