package org.kapacitorudf.server.tasks;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The address of Kapacitor's HTTP API, and the credentials, trusted certificates and time limit for requests to it.
 *
 * <p>Threading: immutable.
 *
 * <p>Errors: {@link IllegalArgumentException} for invalid values; its message never contains the credentials.
 */
public final class KapacitorAccess {
    public static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final String SCHEMES = "http://HOST:PORT or https://HOST:PORT";
    private static final String CREDENTIALS = "USER:PASSWORD, or Bearer TOKEN";

    private final URI url;
    private final @Nullable String authorization;
    private final @Nullable SSLContext tls;
    private final Duration timeout;

    private KapacitorAccess(URI url, @Nullable String authorization, @Nullable SSLContext tls, Duration timeout) {
        this.url = url;
        this.authorization = authorization;
        this.tls = tls;
        this.timeout = timeout;
    }

    /** Returns the access to an API at {@code http://HOST:PORT} or {@code https://HOST:PORT}, without credentials. */
    public static KapacitorAccess at(String url) {
        URI parsed;
        try {
            parsed = URI.create(url);
        } catch (IllegalArgumentException e) {
            // The original message contains the URL, which may include a password.
            String reason = e.getCause() instanceof URISyntaxException syntax ? ": " + syntax.getReason() : "";
            throw new IllegalArgumentException("an invalid URL" + reason + " (expected: " + SCHEMES + ")");
        }
        if (url.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "a URL with credentials, which are visible in the list of processes (expected: " + SCHEMES
                            + ", with the credentials in a file)");
        }
        boolean http = "http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme());
        if (!http || parsed.getHost() == null || parsed.getRawQuery() != null || parsed.getRawFragment() != null) {
            throw new IllegalArgumentException(url + " (expected: " + SCHEMES + ")");
        }
        return new KapacitorAccess(URI.create(url.replaceAll("/+$", "")), null, null, TIMEOUT);
    }

    /** Returns a copy with credentials: {@code USER:PASSWORD} or {@code Bearer TOKEN}. */
    public KapacitorAccess withCredentials(String credentials) {
        String text = credentials.strip();
        boolean bearer = text.startsWith("Bearer ") && text.length() > "Bearer ".length();
        if (!bearer && text.indexOf(':') <= 0 || text.chars().anyMatch(c -> c < ' ')) {
            throw new IllegalArgumentException("invalid credentials (expected: one line, " + CREDENTIALS + ")");
        }
        String header =
                bearer ? text : "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        return new KapacitorAccess(url, header, tls, timeout);
    }

    /** Returns a copy with the credentials that a file contains as its only line. */
    public KapacitorAccess withCredentialsOf(Path file) {
        try {
            return withCredentials(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage());
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " (expected: a file that contains " + CREDENTIALS + "): " + e);
        }
    }

    /** Returns a copy that trusts only the certificates in a PEM file. */
    public KapacitorAccess trusting(Path certificates) {
        try (var in = Files.newInputStream(certificates)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (found.isEmpty()) {
                throw new IllegalArgumentException(certificates + " (expected: PEM certificates)");
            }
            for (Certificate certificate : found) {
                trusted.setCertificateEntry("ca" + trusted.size(), certificate);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            return withTls(managers.getTrustManagers());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(certificates + " (expected: a file with PEM certificates): " + e);
        }
    }

    /**
     * Returns a copy that trusts any server. An attacker on the network can then read the credentials and redirect
     * requests.
     */
    public KapacitorAccess trustingAnybody() {
        try {
            return withTls(new TrustManager[] {new TrustAnybody()});
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("tls", e);
        }
    }

    private KapacitorAccess withTls(TrustManager[] managers) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers, null);
        return new KapacitorAccess(url, authorization, context, timeout);
    }

    /** Returns a copy with the given time limit for each request and its response. */
    public KapacitorAccess withTimeout(Duration timeout) {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: > 0)");
        }
        return new KapacitorAccess(url, authorization, tls, Objects.requireNonNull(timeout, "timeout"));
    }

    URI resolve(String path) {
        return URI.create(url + "/kapacitor/v1/" + path);
    }

    Optional<String> authorization() {
        return Optional.ofNullable(authorization);
    }

    Optional<SSLContext> tls() {
        return Optional.ofNullable(tls);
    }

    Duration timeout() {
        return timeout;
    }

    /** The URL. */
    @Override
    public String toString() {
        return url.toString();
    }

    /**
     * Trusts any server. This class must extend {@link X509ExtendedTrustManager}. Otherwise, the client would still
     * check the host name.
     */
    private static final class TrustAnybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
