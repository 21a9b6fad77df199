package org.kapacitorudf.streams;

/**
 * What comes of a line of an input record.
 *
 * @param bytes a point, the protobuf message {@code agent.Point}; or a text for the dead letters
 */
record Parsed(boolean isPoint, byte[] bytes) {}
