package org.kapacitorudf.client;

/** Thrown where the real kapacitord would panic; a panic ends the tasks of all users. */
public final class DaemonDeath extends Exception {
    private static final long serialVersionUID = 1L;

    private final String why;

    DaemonDeath(String why) {
        super(why);
        this.why = why;
    }

    /** Returns the reason; never null. */
    @Override
    public String getMessage() {
        return why;
    }
}
