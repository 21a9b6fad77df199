package org.kapacitorudf.server.options;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Options for pages over HTTP: metrics, health and status. */
public class HttpOptions {
    public static final String METRICS = "--metrics";
    private static final String MAX_CLIENTS = "--max-metrics-clients";
    private static final String MAX_REQUEST_LINE_BYTES = "--max-metrics-request-line-bytes";
    private static final String MAX_HEADER_BYTES = "--max-metrics-header-bytes";
    private static final String EXCHANGE_LIMIT = "--metrics-timeout";

    private static final int MAX_PORT = 65_535;

    /** The smallest permitted value of both size limits. It is enough for the requests of Prometheus. */
    private static final int MIN_BYTES = 1024;

    private static final int MAX_BYTES = 1024 * 1024;

    @Option(
            names = METRICS,
            paramLabel = "[HOST:]PORT",
            converter = Converters.Address.class,
            description =
                    "Serves metrics for Prometheus (/metrics), health (/healthz, /readyz) and a status page (/) over HTTP, on the loopback interface "
                            + "unless HOST is given. Default: off.")
    private InetSocketAddress metrics;

    @Option(
            names = MAX_CLIENTS,
            paramLabel = "COUNT",
            defaultValue = "64",
            description =
                    "The maximum number of clients of --metrics; if exceeded, the oldest is disconnected. Default: ${DEFAULT-VALUE}.")
    private int maxClients;

    @Option(
            names = MAX_REQUEST_LINE_BYTES,
            paramLabel = "BYTES",
            defaultValue = "4KiB",
            converter = Converters.Bytes.class,
            description = "The maximum length of the first line of a request to --metrics. Default: ${DEFAULT-VALUE}.")
    private long maxRequestLineBytes;

    @Option(
            names = MAX_HEADER_BYTES,
            paramLabel = "BYTES",
            defaultValue = "8KiB",
            converter = Converters.Bytes.class,
            description = "The maximum total size of the headers of a request to --metrics. Default: ${DEFAULT-VALUE}.")
    private long maxHeaderBytes;

    @Option(
            names = EXCHANGE_LIMIT,
            paramLabel = "DURATION",
            defaultValue = "15s",
            description =
                    "How long a request to --metrics and its response may take, and how long a client may be idle. Default: ${DEFAULT-VALUE}.")
    private Duration exchangeLimit;

    /**
     * Checks the values, and returns this object.
     *
     * @throws IllegalArgumentException if a value is out of bounds; the message names the option
     */
    public HttpOptions checked() {
        require(MAX_CLIENTS, maxClients, 1, Integer.MAX_VALUE);
        require(MAX_REQUEST_LINE_BYTES, maxRequestLineBytes, MIN_BYTES, MAX_BYTES);
        require(MAX_HEADER_BYTES, maxHeaderBytes, MIN_BYTES, MAX_BYTES);
        if (exchangeLimit.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(
                    EXCHANGE_LIMIT + ": " + Quantities.duration(exchangeLimit) + " (expected: >= 1ms)");
        }
        return this;
    }

    static void require(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + ": " + value + " (expected: "
                    + (most == Integer.MAX_VALUE ? ">= " + least : least + " to " + most) + ")");
        }
    }

    /** The address of metrics, health and the status page; null for none. */
    public InetSocketAddress metrics() {
        return metrics;
    }

    /** The maximum number of concurrent clients. */
    public int maxClients() {
        return maxClients;
    }

    /** The maximum length of the first line of a request. */
    public int maxRequestLineBytes() {
        return (int) maxRequestLineBytes;
    }

    /** The maximum total size of the headers of a request. */
    public int maxHeaderBytes() {
        return (int) maxHeaderBytes;
    }

    /** How long a request and its response may take, and how long a client may be idle. */
    public Duration exchangeLimit() {
        return exchangeLimit;
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
