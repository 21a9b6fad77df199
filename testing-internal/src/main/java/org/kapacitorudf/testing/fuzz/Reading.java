package org.kapacitorudf.testing.fuzz;

import java.util.Arrays;

/**
 * Divides an input into choices and the rest. An input that is too short is padded with zeros.
 *
 * <pre>
 *   02 | 07 | 0A 00 ..      choice, choice, rest
 * </pre>
 *
 * <p>Threading: one thread.
 */
public final class Reading {
    private final byte[] input;
    private int at;

    public Reading(byte[] input) {
        this.input = input;
    }

    /** A number from 0 to 255. */
    public int next() {
        return at < input.length ? input[at++] & 0xFF : 0;
    }

    /** A number below {@code bound}. */
    public int below(int bound) {
        return next() % bound;
    }

    /** Eight bytes. */
    public long number() {
        long number = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            number = number << Byte.SIZE | next();
        }
        return number;
    }

    /** Some bytes: as many as the next byte says, or fewer if the input ends. */
    public byte[] some() {
        int length = Math.min(next(), input.length - at);
        at += length;
        return Arrays.copyOfRange(input, at - length, at);
    }

    /** All remaining bytes. */
    public byte[] rest() {
        byte[] rest = Arrays.copyOfRange(input, at, input.length);
        at = input.length;
        return rest;
    }
}
