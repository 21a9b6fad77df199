package org.kapacitorudf.internal.snapshot;

import org.kapacitorudf.OnExpire;
import org.kapacitorudf.Output;

/**
 * A group that has expired, of whom the handler wants to be told. Threading: the handler's calls only.
 *
 * @param group its name
 * @param value its last value
 */
public record Expired<T>(String group, T value, OnExpire<T> onExpire) {
    /** Tells the handler. Errors: whatever it throws. */
    public void tell(Output output) throws Exception {
        onExpire.expired(group, value, output);
    }
}
