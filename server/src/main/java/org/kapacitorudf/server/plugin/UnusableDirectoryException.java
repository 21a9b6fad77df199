package org.kapacitorudf.server.plugin;

/**
 * A directory from which functions cannot or must not be loaded; the message names the directory, and what is expected.
 */
public final class UnusableDirectoryException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableDirectoryException(String message) {
        super(message);
    }
}
