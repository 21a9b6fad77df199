package org.kapacitorudf.server.options;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;

/**
 * The monitoring of a server.
 *
 * @param metrics the address of metrics, health and the status page; null for none
 * @param maxNodes the maximum number of task nodes that are shown individually
 * @param maxClients the maximum number of concurrent clients
 * @param maxRequestLineBytes the maximum length of the first line of a request
 * @param maxHeaderBytes the maximum total size of the headers of a request
 * @param exchangeLimit how long a request and its response may take, and how long a client may be idle
 * @param maxAbandonedCalls the maximum number of calls that do not return for a server to be ready
 */
public record OpsOptions(
        InetSocketAddress metrics,
        int maxNodes,
        int maxClients,
        long maxRequestLineBytes,
        long maxHeaderBytes,
        Duration exchangeLimit,
        int maxAbandonedCalls) {
    public static final String METRICS = "--metrics";
    public static final String MAX_NODES = "--max-metrics-nodes";
    public static final String MAX_CLIENTS = "--max-metrics-clients";
    public static final String MAX_REQUEST_LINE_BYTES = "--max-metrics-request-line-bytes";
    public static final String MAX_HEADER_BYTES = "--max-metrics-header-bytes";
    public static final String EXCHANGE_LIMIT = "--metrics-timeout";
    public static final String MAX_ABANDONED_CALLS = "--max-abandoned-calls";
    public static final int DEFAULT_MAX_NODES = 500;
    public static final int DEFAULT_MAX_CLIENTS = 64;
    public static final int DEFAULT_MAX_REQUEST_LINE_BYTES = 4 * 1024;
    public static final int DEFAULT_MAX_HEADER_BYTES = 8 * 1024;
    public static final Duration DEFAULT_EXCHANGE_LIMIT = Duration.ofSeconds(15);
    public static final int DEFAULT_MAX_ABANDONED_CALLS = 8;

    public static final String MAX_NODES_HELP =
            "The maximum number of task nodes with separate metrics; the others are summed up as (other).";
    public static final String MAX_CLIENTS_HELP =
            "The maximum number of clients of --metrics; if exceeded, the oldest is disconnected.";
    public static final String MAX_REQUEST_LINE_BYTES_HELP =
            "The maximum length of the first line of a request to --metrics.";
    public static final String MAX_HEADER_BYTES_HELP =
            "The maximum total size of the headers of a request to --metrics.";
    public static final String EXCHANGE_LIMIT_HELP =
            "How long a request to --metrics and its response may take, and how long a client may be idle.";
    public static final String MAX_ABANDONED_CALLS_HELP =
            "The maximum number of calls that exceeded their limit and have not returned for a server to be ready.";

    private static final int MAX_PORT = 65_535;

    /** Room for a scrape by Prometheus. */
    private static final int MIN_BYTES = 1024;

    private static final int MAX_BYTES = 1024 * 1024;

    public OpsOptions {
        if (maxNodes < 1) {
            throw new IllegalArgumentException(MAX_NODES + ": " + maxNodes + " (expected: >= 1)");
        }
        if (maxClients < 1) {
            throw new IllegalArgumentException(MAX_CLIENTS + ": " + maxClients + " (expected: >= 1)");
        }
        checkBytes(MAX_REQUEST_LINE_BYTES, maxRequestLineBytes);
        checkBytes(MAX_HEADER_BYTES, maxHeaderBytes);
        if (exchangeLimit.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(
                    EXCHANGE_LIMIT + ": " + Quantities.duration(exchangeLimit) + " (expected: >= 1ms)");
        }
        if (maxAbandonedCalls < 0) {
            throw new IllegalArgumentException(MAX_ABANDONED_CALLS + ": " + maxAbandonedCalls + " (expected: >= 0)");
        }
    }

    private static void checkBytes(String option, long bytes) {
        if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    option + ": " + bytes + " (expected: " + MIN_BYTES + " to " + MAX_BYTES + ")");
        }
    }

    /**
     * Parses {@code PORT}, which means the loopback interface, or {@code HOST:PORT}.
     *
     * @throws IllegalArgumentException if it is neither; the message says what is expected
     */
    public static InetSocketAddress parseAddress(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, Math.max(colon, 0));
        String port = text.substring(colon + 1);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw expected(text);
        }
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > MAX_PORT || (colon >= 0 && host.isEmpty())) {
            throw expected(text);
        }
        try {
            InetAddress address =
                    colon < 0 ? InetAddress.getByAddress(new byte[] {127, 0, 0, 1}) : InetAddress.getByName(host);
            return new InetSocketAddress(address, Integer.parseInt(port));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text + " (expected: a known host)");
        }
    }

    private static IllegalArgumentException expected(String text) {
        return new IllegalArgumentException(text + " (expected: PORT, HOST:PORT or [IPV6]:PORT)");
    }
}
