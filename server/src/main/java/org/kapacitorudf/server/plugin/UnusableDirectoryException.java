package org.kapacitorudf.server.plugin;

/** A directory from which nothing can or must be loaded; the message names it, and what is expected. */
public final class UnusableDirectoryException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableDirectoryException(String message) {
        super(message);
    }
}
