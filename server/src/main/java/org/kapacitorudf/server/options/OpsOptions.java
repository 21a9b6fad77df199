package org.kapacitorudf.server.options;

import picocli.CommandLine.Option;

/** Monitoring options of {@code serve}. */
public final class OpsOptions extends HttpOptions {
    private static final String MAX_NODES = "--max-metrics-nodes";
    private static final String MAX_ABANDONED_CALLS = "--max-abandoned-calls";

    @Option(
            names = MAX_NODES,
            paramLabel = "COUNT",
            defaultValue = "500",
            description =
                    "The maximum number of task nodes with separate metrics; the others are summed up as (other). Default: ${DEFAULT-VALUE}.")
    private int maxNodes;

    @Option(
            names = MAX_ABANDONED_CALLS,
            paramLabel = "COUNT",
            defaultValue = "8",
            description =
                    "The maximum number of calls that exceeded their limit and have not returned for a server to be ready. Default: ${DEFAULT-VALUE}.")
    private int maxAbandonedCalls;

    @Override
    public OpsOptions checked() {
        super.checked();
        require(MAX_NODES, maxNodes, 1, Integer.MAX_VALUE);
        require(MAX_ABANDONED_CALLS, maxAbandonedCalls, 0, Integer.MAX_VALUE);
        return this;
    }

    /** The maximum number of task nodes that are shown individually. */
    public int maxNodes() {
        return maxNodes;
    }

    /**
     * The maximum number of abandoned calls, which are calls that have not returned in time. If there are more, the
     * server is not ready.
     */
    public int maxAbandonedCalls() {
        return maxAbandonedCalls;
    }
}
