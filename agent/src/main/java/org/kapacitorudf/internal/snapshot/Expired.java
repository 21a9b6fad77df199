package org.kapacitorudf.internal.snapshot;

import org.kapacitorudf.OnExpire;
import org.kapacitorudf.Output;

/**
 * An expired group whose handler wants to be notified. Threading: the handler's calls only.
 *
 * @param group its name
 * @param value its last value
 */
public record Expired<T>(String group, T value, OnExpire<T> onExpire) {
    /** Notifies the handler. Errors: those of the handler. */
    public void tell(Output output) throws Exception {
        onExpire.expired(group, value, output);
    }
}
