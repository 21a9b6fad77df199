package org.kapacitorudf.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.server.tasks.KapacitorException.Kind;

@Timeout(600)
class KapacitorClientTest {
    private static final Instant ENABLED = Instant.parse("2026-01-01T00:00:00.123456789Z");
    private static final char[] PASSWORD = "changeit".toCharArray();

    private KapacitorStandIn kapacitor;

    @BeforeEach
    void start() throws IOException {
        kapacitor = KapacitorStandIn.start(InstantSource.system());
    }

    @AfterEach
    void end() {
        kapacitor.close();
    }

    private KapacitorClient client() {
        return new KapacitorClient(kapacitor.access());
    }

    private static void assertFails(Kind kind, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .asInstanceOf(type(KapacitorException.class))
                .extracting(KapacitorException::kind)
                .isEqualTo(kind);
    }

    @Test
    void aTaskIsReadWithItsNodesAndTheFunctionsThatHaveOne() throws Exception {
        kapacitor.task("cpu", ENABLED, "movingAvg", "mirror");
        assertThat(client().task("cpu"))
                .contains(new Task(
                        "cpu",
                        true,
                        true,
                        "",
                        ENABLED,
                        List.of("stream0", "from1", "movingAvg2", "mirror3", "http_out9"),
                        List.of("movingAvg", "mirror")));
        assertThat(client().task("other")).isEmpty();
    }

    @Test
    void aTaskOfATemplateHasBeenStartedWhenThatChanged() throws Exception {
        kapacitor.task("cpu", ENABLED, "mirror");
        kapacitor.template("cpu", "t", ENABLED.plusSeconds(1));
        assertThat(client().task("cpu").orElseThrow().startedAt()).isEqualTo(ENABLED.plusSeconds(1));
        kapacitor.template("cpu", "t", ENABLED.minusSeconds(1));
        assertThat(client().task("cpu").orElseThrow().startedAt()).isEqualTo(ENABLED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 99, 100, 101, 250})
    void allTasksAreListedPageByPage(int count) throws Exception {
        IntStream.range(0, count).forEach(i -> kapacitor.task("t" + i, ENABLED, "mirror"));
        assertThat(client().tasks()).hasSize(count).doesNotHaveDuplicates();
    }

    @Test
    void aNameThatIsNoAsciiIsFound() throws Exception {
        kapacitor.task("Größe_1.x-ü", ENABLED, "mirror");
        client().disable("Größe_1.x-ü");
        assertThat(kapacitor.changes()).containsExactly("PATCH tasks/Größe_1.x-ü disabled");
    }

    @Test
    void whoIsRefusedIsToldWithoutTheCredentials() {
        kapacitor.require("Basic dXNlcjpwYXNz");
        assertFails(Kind.UNREACHABLE, "401 (expected: 200): unable to parse", () -> client().tasks());
        KapacitorClient wrong = new KapacitorClient(kapacitor.access().withCredentials("user:wrong"));
        assertFails(Kind.UNREACHABLE, "authorization failed", wrong::tasks);
        assertThatThrownBy(wrong::tasks).hasMessageNotContaining("wrong");
    }

    @ParameterizedTest
    @CsvSource({"user:pass, Basic dXNlcjpwYXNz", "Bearer a.b.c, Bearer a.b.c"})
    void credentialsLetOneIn(String credentials, String header) throws Exception {
        kapacitor.require(header);
        assertThat(new KapacitorClient(kapacitor.access().withCredentials(credentials + "\n")).tasks())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"500, REFUSED", "400, REFUSED", "302, REFUSED", "502, UNREACHABLE", "403, UNREACHABLE"})
    void anAnswerThatSaysNoIsAnError(int status, Kind kind) {
        kapacitor.misbehave((exchange, call) -> {
            KapacitorStandIn.answer(exchange, status, "<html>\n\n  sorry\u0007</html>");
            return true;
        });
        assertFails(kind, status + " (expected: 200): <html> sorry </html>", () -> client().task("a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "{}",
                "{\"id\":\"a\",\"status\":\"enabled\"}",
                "{\"id\":\"a\",\"status\":\"enabled\",\"executing\":true,\"last-enabled\":\"now\"}"
            })
    void anAnswerThatIsNotKapacitorsIsAnError(String garbage) {
        kapacitor.misbehave((exchange, call) -> {
            KapacitorStandIn.answer(exchange, 200, garbage);
            return true;
        });
        assertFails(Kind.REFUSED, "tasks/a", () -> client().task("a"));
    }

    @Test
    void aNotFoundOfSomebodyElseIsNotATaskThatIsGone() {
        kapacitor.misbehave((exchange, call) -> {
            KapacitorStandIn.answer(exchange, 404, "<html>no such page</html>");
            return true;
        });
        assertFails(Kind.REFUSED, "not JSON", () -> client().task("a"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerThatDoesNotComeInTimeIsLate(boolean headersFirst) throws Exception {
        KapacitorClient client = new KapacitorClient(kapacitor.access().withTimeout(Duration.ofMillis(300)));
        connect(client);
        CountDownLatch released = new CountDownLatch(1);
        kapacitor.misbehave((exchange, call) -> {
            if (headersFirst) {
                exchange.sendResponseHeaders(200, 1_000);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
            }
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        });
        try {
            assertFails(Kind.LATE, "no response within", () -> client.task("a"));
        } finally {
            released.countDown();
        }
    }

    /** Makes a connection that the next request uses, because the timeout also applies to connecting. */
    private static void connect(KapacitorClient client) throws InterruptedException {
        for (boolean connected = false; !connected; ) {
            try {
                connected = client.task("a").isEmpty();
            } catch (KapacitorException e) {
                // The machine was too slow for the timeout.
            }
        }
    }

    @Test
    void aConnectionThatEndsInPlaceOfAnAnswerIsBrokenOff() {
        kapacitor.misbehave((exchange, call) -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            throw new IOException("as a handler that panics");
        });
        assertFails(Kind.BROKEN_OFF, "the connection broke", () -> client().disable("a"));
    }

    @Test
    void aClosedPortIsUnreachable() {
        kapacitor.goDown();
        assertFails(Kind.UNREACHABLE, "cannot connect", () -> client().tasks());
    }

    @Test
    void anAnswerMayBeAsLongAsTheLimitAndNoLonger() throws Exception {
        String answer = "{\"tasks\":[]}";
        kapacitor.misbehave((exchange, call) -> {
            KapacitorStandIn.answer(exchange, 200, answer);
            return true;
        });
        assertThat(new KapacitorClient(kapacitor.access(), answer.length()).tasks())
                .isEmpty();
        assertFails(
                Kind.REFUSED,
                "too long (expected: <= 11 bytes)",
                () -> new KapacitorClient(kapacitor.access(), answer.length() - 1).tasks());
    }

    @Test
    void tlsWantsACertificateThatIsTrusted(@TempDir Path directory) throws Exception {
        Path store = directory.resolve("store");
        Path ca = directory.resolve("ca.pem");
        keytool(
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-keystore",
                store);
        keytool("-exportcert", "-rfc", "-file", ca, "-keystore", store);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        try (KapacitorStandIn secure = KapacitorStandIn.startTls(tls)) {
            secure.task("a", ENABLED, "mirror");
            assertFails(Kind.UNREACHABLE, "PKIX", () -> new KapacitorClient(secure.access()).tasks());
            assertThat(new KapacitorClient(secure.access().trusting(ca)).tasks())
                    .hasSize(1);
            KapacitorAccess byNumber = KapacitorAccess.at(secure.url().replace("localhost", "127.0.0.1"));
            assertFails(Kind.UNREACHABLE, "127.0.0.1", () -> new KapacitorClient(byNumber.trusting(ca)).tasks());
            assertThat(new KapacitorClient(byNumber.trustingAnybody()).tasks()).hasSize(1);
        }
    }

    private static void keytool(Object... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        for (Object argument : arguments) {
            builder.command().add(argument.toString());
        }
        builder.command().addAll(List.of("-alias", "k", "-storetype", "PKCS12", "-storepass", new String(PASSWORD)));
        Process keytool = builder.redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:9092",
                "127.0.0.1:9092",
                "ftp://x",
                "http://",
                "http://h/?q",
                "http://h/#f",
                "http://h h"
            })
    void whatIsNoUrlOfAnApiIsSaid(String url) {
        assertThatThrownBy(() -> KapacitorAccess.at(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: http://HOST:PORT or https://HOST:PORT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:secret@localhost:9092",
                "http://user:sec@secret@localhost:9092",
                "http://user:secret word@localhost:9092",
                "http://user:secret^@localhost:9092",
                "http:user:secret@localhost:9092",
                "user:secret@localhost:9092"
            })
    void aUrlWithAPasswordIsRefusedAndNotRepeated(String url) {
        assertThatThrownBy(() -> KapacitorAccess.at(url))
                .hasMessageContaining("(expected: http://HOST:PORT or https://HOST:PORT")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "user", ":pass", "Bearer ", "user:pass\nmore"})
    void credentialsThatAreNoneAreSaidWithoutThem(String credentials) {
        assertThatThrownBy(() -> kapacitor.access().withCredentials(credentials))
                .hasMessage("invalid credentials (expected: one line, USER:PASSWORD, or Bearer TOKEN)");
    }

    @Test
    void aTimeoutIsLongerThanNothing() {
        assertThat(kapacitor.access().withTimeout(Duration.ofNanos(1)).timeout())
                .isEqualTo(Duration.ofNanos(1));
        assertThatThrownBy(() -> kapacitor.access().withTimeout(Duration.ZERO)).hasMessageContaining("(expected: > 0)");
    }
}
