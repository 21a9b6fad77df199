package org.kapacitorudf.server.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The pages of {@link OpsServer}, by path.
 *
 * <p>Threading: safe for use by any thread.
 */
final class Pages {
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

    Page at(String path) {
        return switch (path) {
            case "/" -> statusPage;
            case "/status.json" -> Page.json(status.json());
            case "/history.json" -> Page.json(history.json());
            case "/metrics" -> Page.metrics(metrics.scrape());
            case "/healthz" -> Page.verdict(health.ills());
            case "/readyz" -> Page.verdict(health.hindrances());
            default ->
                Page.text(404, "not found (expected: /, /status.json, /history.json, /metrics, /healthz, /readyz)");
        };
    }

    private static Page statusPage() {
        try (InputStream in = Pages.class.getResourceAsStream("status.html")) {
            String html = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Page.html(html, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
