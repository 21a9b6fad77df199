package org.kapacitorudf.server.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pages, by path.
 *
 * <p>Threading: safe for use by any thread.
 */
final class Pages {
    private static final Logger LOG = LoggerFactory.getLogger(Pages.class);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

    /**
     * A response.
     *
     * @param policy its Content-Security-Policy
     */
    record Page(int status, String contentType, String policy, String body) {
        static Page text(int status, String body) {
            return new Page(status, TEXT, NOTHING_ALLOWED, body + "\n");
        }
    }

    private final Metrics metrics;
    private final Health health;
    private final StatusJson status;
    private final History history;
    private final Page statusPage;

    Pages(Metrics metrics, Health health, StatusJson status, History history) {
        this.metrics = metrics;
        this.health = health;
        this.status = status;
        this.history = history;
        this.statusPage = statusPage();
    }

    /** @param uri with or without a query */
    Page at(String uri) {
        int query = uri.indexOf('?');
        try {
            return switch (query < 0 ? uri : uri.substring(0, query)) {
                case "/" -> statusPage;
                case "/status.json" -> new Page(200, "application/json", NOTHING_ALLOWED, status.json());
                case "/history.json" -> new Page(200, "application/json", NOTHING_ALLOWED, history.json());
                case "/metrics" -> new Page(200, Metrics.CONTENT_TYPE, NOTHING_ALLOWED, metrics.scrape());
                case "/healthz" -> verdict(health.ills());
                case "/readyz" -> verdict(health.hindrances());
                default ->
                    Page.text(404, "not found (expected: /, /status.json, /history.json, /metrics, /healthz, /readyz)");
            };
        } catch (RuntimeException e) {
            LOG.error("{} cannot be shown", uri, e);
            return Page.text(500, "internal error; see the log");
        }
    }

    private static Page verdict(List<String> problems) {
        return problems.isEmpty() ? Page.text(200, "ok") : Page.text(503, String.join("\n", problems));
    }

    private static Page statusPage() {
        try (InputStream in = Pages.class.getResourceAsStream("status.html")) {
            String html = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            String policy = "default-src 'none'; connect-src 'self'; img-src data:; style-src '" + hash(html, "style")
                    + "'; script-src '" + hash(html, "script")
                    + "'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
            return new Page(200, "text/html; charset=utf-8", policy, html);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Only scripts of the page itself may run, not text that a name injects into it. */
    private static String hash(String html, String element) {
        String open = "<" + element + ">";
        String text = html.substring(html.indexOf(open) + open.length(), html.indexOf("</" + element + ">"));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
