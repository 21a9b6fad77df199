package org.kapacitorudf.server.command;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.kapacitorudf.server.options.Quantities;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks what a running server reports on its status page: its own state, and the state of its tasks' nodes.
 *
 * <p>Threading: safe for use by any thread; {@link #check} waits no longer than its limit.
 */
final class StatusCheck {
    private static final JsonMapper JSON = new JsonMapper();
    private static final double HANGING_SECONDS = 10;

    private final Findings findings;
    private final Duration limit;

    /** @param limit how long the server may take to answer; also for connecting to it */
    StatusCheck(Findings findings, Duration limit) {
        this.findings = findings;
        this.limit = limit;
    }

    /**
     * Requests the status of a server, and reports the findings.
     *
     * @param address the value of the server's option {@code metrics}
     */
    void check(InetSocketAddress address) throws InterruptedException {
        String url = url(address);
        JsonNode status;
        try {
            status = status(url);
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            findings.warn(
                    "server",
                    url + "/status.json: " + e.getMessage() + " (expected: the status of the server)",
                    "systemctl status kapacitor-udf; metrics in its file may have changed since its start");
            return;
        }
        for (JsonNode hindrance : status.path("hindrances").values()) {
            findings.bad("server", hindrance.asString(""), "systemctl restart kapacitor-udf; its log has the stacks");
        }
        if (status.path("hindrances").isEmpty()) {
            findings.ok(
                    "server", url + " is ready, " + status.path("connections").asInt(0) + " connections");
        }
        for (JsonNode node : status.path("nodes").values()) {
            node(node);
        }
    }

    /** Returns the URL of the server at an address; an IPv6 address is put in brackets. */
    static String url(InetSocketAddress address) {
        try {
            return new URI("http", null, address.getHostString(), address.getPort(), null, null, null).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private JsonNode status(String url) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newBuilder().connectTimeout(limit).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/status.json"))
                .timeout(limit)
                .build();
        HttpResponse<String> response;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (HttpTimeoutException e) {
            throw new IOException("no answer within " + Quantities.duration(limit), e);
        }
        if (response.statusCode() != 200) {
            throw new IOException("status " + response.statusCode());
        }
        return JSON.readTree(response.body());
    }

    private void node(JsonNode node) {
        String subject = "node " + node.path("task").asString("") + "/"
                + node.path("node").asString("");
        long in = node.path("pointsIn").asLong(0) + node.path("batchesIn").asLong(0);
        long out = node.path("pointsOut").asLong(0) + node.path("batchesOut").asLong(0);
        int before = findings.all().size();
        JsonNode call = node.path("call");
        if (call.path("seconds").asDouble(0) >= HANGING_SECONDS
                && !call.path("waiting").asBoolean(false)) {
            findings.bad(
                    subject,
                    call.path("method").asString("") + " has not returned for "
                            + call.path("seconds").asInt(0) + " s",
                    "the server's log has its stack: correct the function, or limit it by --call-limit");
        }
        if (node.path("skipped").asLong(0) > 0) {
            findings.warn(
                    subject,
                    "skipped " + node.path("skipped").asLong(0) + ": "
                            + node.path("skips").path(0).path("reason").asString("the log has the reasons"),
                    "correct the option field or the query, or filter with a where before the function");
        }
        if (node.path("nonFinite").asLong(0) > 0) {
            findings.warn(
                    subject,
                    node.path("nonFinite").asLong(0) + " values were NaN or infinite",
                    "filter with a where before the function, or correct the function; --non-finite: docs/handlers.md");
        }
        if (node.path("failedSnapshots").asLong(0) > 0) {
            findings.warn(
                    subject,
                    node.path("failedSnapshots").asLong(0) + " snapshots failed: its state is not saved",
                    "the server's log has the reason; let groups expire, or raise --max-snapshot-bytes");
        }
        if (in == 0) {
            findings.warn(
                    subject,
                    "no data has arrived",
                    "check the database and retention policy in -dbrp, the measurement, where, and Kapacitor's subscriptions");
        } else if (out == 0) {
            findings.warn(
                    subject,
                    in + " points or batches have arrived, but there is no output",
                    "a window may not be full, or event time may not advance: docs/time.md; try kapacitor-udf call");
        }
        if (findings.all().size() == before) {
            findings.ok(subject, in + " in, " + out + " out");
        }
    }
}
