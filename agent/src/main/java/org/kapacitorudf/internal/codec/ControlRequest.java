package org.kapacitorudf.internal.codec;

import org.kapacitorudf.proto.InitRequest;

/**
 * Kapacitor's requests other than data.
 *
 * <p>Except for {@link Init}, these are not the generated messages: at startup, Kapacitor waits for the answer to
 * {@code Info}, which should not be delayed by the loading of protobuf's classes.
 */
public sealed interface ControlRequest {
    /** Asks for the function's description. */
    record Info() implements ControlRequest {}

    /** Starts the function for one node of one task. */
    record Init(InitRequest message) implements ControlRequest {}

    /**
     * Asks for a keepalive response.
     *
     * @param time nanoseconds since the epoch, to be returned in the answer
     */
    record Keepalive(long time) implements ControlRequest {}

    /** Asks for the function's state. */
    record Snapshot() implements ControlRequest {}

    /** Restores the function's state. The receiver owns the array. */
    record Restore(byte[] snapshot) implements ControlRequest {}

    /**
     * A request that this agent does not know: it is ignored and logged.
     *
     * @param description its contents: {@code "fields 9, 200"}
     */
    record Unknown(String description) implements ControlRequest {}
}
