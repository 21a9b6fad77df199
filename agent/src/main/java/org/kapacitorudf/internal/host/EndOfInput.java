package org.kapacitorudf.internal.host;

/** The end of the input. It travels through the same queue as the data: beside it, it would be handled too early. */
public enum EndOfInput {
    END_OF_INPUT
}
