package org.kapacitorudf.internal.snapshot;

import org.kapacitorudf.Output;

/**
 * An expired group whose handler wants to be notified. Threading: the handler's calls only.
 *
 * @param group its name
 */
public record Expired(String group, Notification notification) {
    /** The call of the handler. */
    interface Notification {
        void tell(Output output) throws Exception;
    }

    /** Notifies the handler. Errors: those of the handler. */
    public void tell(Output output) throws Exception {
        notification.tell(output);
    }
}
