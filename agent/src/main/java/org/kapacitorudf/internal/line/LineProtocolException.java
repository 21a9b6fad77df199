package org.kapacitorudf.internal.line;

/** Describes a syntax error in line protocol and its position. */
public final class LineProtocolException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final long line;
    private final int column;

    LineProtocolException(String message, long line, int column) {
        super("line " + line + ", column " + column + ": " + message);
        this.line = line;
        this.column = column;
    }

    /** The number of the line, counted from 1. */
    public long line() {
        return line;
    }

    /** The number of the character in the line, counted from 1. */
    public int column() {
        return column;
    }
}
