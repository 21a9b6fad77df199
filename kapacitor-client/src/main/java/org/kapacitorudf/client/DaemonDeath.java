package org.kapacitorudf.client;

/** Thrown where the real kapacitord would panic, which ends the tasks of all users. */
public final class DaemonDeath extends Exception {
    private static final long serialVersionUID = 1L;

    DaemonDeath(String why) {
        super(why);
    }
}
