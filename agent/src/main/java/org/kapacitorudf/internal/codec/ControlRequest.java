package org.kapacitorudf.internal.codec;

import org.kapacitorudf.proto.InitRequest;

/**
 * What Kapacitor sends beside data.
 *
 * <p>Not the generated messages but for {@link Init}: the answer to {@code Info} is awaited by a Kapacitor that starts, and need not wait for their classes.
 */
public sealed interface ControlRequest {
    /** Asks what the function is. */
    record Info() implements ControlRequest {}

    /** Starts the function for one node of one task. */
    record Init(InitRequest message) implements ControlRequest {}

    /**
     * Asks for a sign of life.
     *
     * @param time nanoseconds since the epoch, to be repeated in the answer
     */
    record Keepalive(long time) implements ControlRequest {}

    /** Asks for the function's state. */
    record Snapshot() implements ControlRequest {}

    /** Gives the function its state back. The array is the receiver's. */
    record Restore(byte[] snapshot) implements ControlRequest {}

    /**
     * Nothing that this agent knows: to be ignored and logged.
     *
     * @param description what there was: {@code "fields 9, 200"}
     */
    record Unknown(String description) implements ControlRequest {}
}
