package org.kapacitorudf.client;

/** Thrown where the real kapacitord would panic: every task of every user would be gone. */
public final class DaemonDeath extends Exception {
    private static final long serialVersionUID = 1L;

    DaemonDeath(String why) {
        super(why);
    }
}
