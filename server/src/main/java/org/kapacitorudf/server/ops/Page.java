package org.kapacitorudf.server.ops;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/**
 * A response of a {@link PageServer}.
 *
 * @param policy its Content-Security-Policy
 */
public record Page(int status, String contentType, String policy, String body) {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

    /** A page of plain text. A line feed is appended to the body. */
    public static Page text(int status, String body) {
        return new Page(status, TEXT, NOTHING_ALLOWED, body + "\n");
    }

    /** A page with status 200 if there are no problems, otherwise with status 503 and the problems. */
    public static Page verdict(List<String> problems) {
        return problems.isEmpty() ? text(200, "ok") : text(503, String.join("\n", problems));
    }

    /** Metrics in the Prometheus format. */
    public static Page metrics(String body) {
        return new Page(200, PROMETHEUS, NOTHING_ALLOWED, body);
    }

    static Page json(String body) {
        return new Page(200, "application/json", NOTHING_ALLOWED, body);
    }

    /**
     * A page that loads nothing from other servers. The body must contain a {@code <style>}, and a {@code <script>} if
     * {@code hasScript}.
     */
    public static Page html(String body, boolean hasScript) {
        // Only the page's own script may run, not a script that a name injects into the page.
        String script =
                hasScript ? "connect-src 'self'; img-src data:; script-src '" + hash(body, "script") + "'; " : "";
        String policy = "default-src 'none'; " + script + "style-src '" + hash(body, "style")
                + "'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        return new Page(200, "text/html; charset=utf-8", policy, body);
    }

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
