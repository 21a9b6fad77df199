package org.kapacitorudf.tools.load;

/** A figure of a run; its unit is in its name. */
public enum Metric {
    POINTS_PER_SECOND("pointsPerSecond", "points/s", "%,.0f"),
    P50_MICROS("p50Micros", "p50 µs", "%,.1f"),
    P99_MICROS("p99Micros", "p99 µs", "%,.1f"),
    P999_MICROS("p999Micros", "p99.9 µs", "%,.1f"),
    START_MILLIS("startMillis", "start ms", "%,.1f"),
    /** The memory of a server with one connection, or of one process. */
    RESIDENT_MEGABYTES("residentMegabytes", "one: MB", "%,.1f"),
    /** The memory of a server after many connections have been opened and closed. */
    USED_RESIDENT_MEGABYTES("usedResidentMegabytes", "used: MB", "%,.1f"),
    /** The memory of the server with all connections, or of all processes together. */
    ALL_RESIDENT_MEGABYTES("allResidentMegabytes", "all: MB", "%,.1f"),
    CONNECTION_KILOBYTES("connectionKilobytes", "each: kB", "%,.1f"),
    /** CPU time of all threads of the agent. */
    AGENT_MICROS_PER_POINT("agentMicrosPerPoint", "agent µs/pt", "%,.2f"),
    /** CPU time of the client, which runs on the same processors. */
    CLIENT_MICROS_PER_POINT("clientMicrosPerPoint", "client µs/pt", "%,.2f"),
    KEEPALIVE_P99_MILLIS("keepaliveP99Millis", "ka p99 ms", "%,.1f"),
    KEEPALIVE_MAX_MILLIS("keepaliveMaxMillis", "ka max ms", "%,.1f"),
    /** The number of points of the slowest connection, divided by the mean of all connections. */
    FAIRNESS("fairness", "min/mean", "%.2f"),
    PEAK_MEGABYTES("peakMegabytes", "peak MB", "%,.0f");

    private final String key;
    private final String heading;
    private final String format;

    Metric(String key, String heading, String format) {
        this.key = key;
        this.heading = heading;
        this.format = format;
    }

    /** The name in JSON. */
    public String key() {
        return key;
    }

    /** The name in a table. */
    public String heading() {
        return heading;
    }

    String format() {
        return format;
    }
}
