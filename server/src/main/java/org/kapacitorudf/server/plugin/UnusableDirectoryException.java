package org.kapacitorudf.server.plugin;

/**
 * Functions cannot or must not be loaded from a directory. The message names the directory, and says what is expected.
 */
public final class UnusableDirectoryException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableDirectoryException(String message) {
        super(message);
    }
}
