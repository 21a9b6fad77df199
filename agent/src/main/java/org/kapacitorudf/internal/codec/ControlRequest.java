package org.kapacitorudf.internal.codec;

import org.kapacitorudf.proto.InitRequest;

/**
 * Kapacitor's requests other than data.
 *
 * <p>Requests other than {@link Init} do not use protobuf's classes: at startup, Kapacitor waits for the answer to
 * {@code Info}, and loading the classes would delay this answer.
 */
public sealed interface ControlRequest {
    /** Asks for the function's description. */
    record Info() implements ControlRequest {}

    /** Starts the function for one node of one task. */
    record Init(InitRequest message) implements ControlRequest {}

    /**
     * Asks for a keepalive response.
     *
     * @param time a time in nanoseconds since the epoch; the answer must contain the same time
     */
    record Keepalive(long time) implements ControlRequest {}

    /** Asks for the function's state. */
    record Snapshot() implements ControlRequest {}

    /** Restores the function's state. The receiver owns the array. */
    record Restore(byte[] snapshot) implements ControlRequest {}

    /**
     * A request that this agent does not know. It is ignored and logged.
     *
     * @param description the contents of the request: {@code "fields 9, 200"}
     */
    record Unknown(String description) implements ControlRequest {}
}
