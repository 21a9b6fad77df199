package org.kapacitorudf.streams;

/**
 * The result of parsing a line of an input record.
 *
 * @param bytes a point, the protobuf message {@code agent.Point}; or a text for the dead letters
 */
record Parsed(boolean isPoint, byte[] bytes) {}
