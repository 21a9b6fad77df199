package org.kapacitorudf.server.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.Context;
import org.kapacitorudf.Counter;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.server.tasks.TaskKeeper;
import org.kapacitorudf.state.GroupState;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The HTTP pages of a server, requested by a real client. */
@Tag("slow")
@Timeout(600)
class OpsServerTest {
    private static final Path ROOT = Path.of(System.getProperty("kapacitor-udf.scripts"), "..");
    private static final int MAX_CLIENTS = 4;
    private static final int MAX_REQUEST_LINE_BYTES = 2_000;
    private static final int MAX_HEADER_BYTES = 3_000;
    private static final Duration SHORT = Duration.ofMillis(500);

    /** A name chosen by an attacker. */
    private static final String HOSTILE = "<script>alert(1)</script>\"'&\\\n{}";

    @TempDir
    private Path directory;

    private final CountDownLatch gate = new CountDownLatch(1);
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private UdfServer server;
    private Health health;
    private OpsServer pages;

    /**
     * Counts per group; waits at a point with the field {@code wait}, throws at one with {@code fail}, sets
     * {@code ratio} to NaN.
     */
    private final class Counting implements Udf {
        @Override
        public Description describe() {
            return Description.stream("counting", "a function for tests");
        }

        @Override
        public Handler create(Context context) {
            GroupState<Long> counts = context.groupState("counts", Long.class, () -> 0L);
            Counter seen = context.counter("seen");
            return (point, output) -> {
                counts.put(point.group(), counts.of(point.group()) + 1);
                seen.increment();
                if (point.field("wait").isPresent()) {
                    awaitGate();
                }
                if (point.field("fail").isPresent()) {
                    throw new IllegalStateException(point.stringField("fail"));
                }
                if (point.field("odd").isPresent()) {
                    throw new FieldException(point.stringField("odd"));
                }
                output.point(point.field("ratio").isPresent() ? point.withField("ratio", Double.NaN) : point);
            };
        }
    }

    private void awaitGate() {
        while (gate.getCount() > 0) {
            try {
                gate.await();
            } catch (InterruptedException e) {
                // Ignores interrupts: the call must be abandoned.
            }
        }
    }

    /** Waits at each point, and has a short call limit. */
    private final class Limited implements Udf {
        @Override
        public Description describe() {
            return Description.stream("limited", "a function for tests").callLimit(Duration.ofSeconds(3));
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> awaitGate();
        }
    }

    @BeforeEach
    void start() throws IOException {
        pages = new OpsServer(setting(List.of("counting"), 100, MAX_CLIENTS, Duration.ofMinutes(5)));
        server = UdfServer.builder()
                .config(AgentConfig.defaults().toBuilder()
                        .drainDeadline(Duration.ofMinutes(10))
                        .build())
                .grace(Duration.ofMinutes(10))
                .function(new Counting(), socket())
                .function(new Limited(), directory.resolve("limited"))
                .listener(pages.listener())
                .build();
        health = Health.of(server, 0);
        pages.reloads(() -> new TaskKeeper.Counts(16, 1, 2, 3));
        pages.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), server, health);
    }

    private static OpsServer.Setting setting(List<String> functions, int maxNodes, int maxClients, Duration limit) {
        return new OpsServer.Setting(
                functions,
                maxNodes,
                new PageServer.Limits(maxClients, MAX_REQUEST_LINE_BYTES, MAX_HEADER_BYTES, limit),
                "1.2.3");
    }

    @AfterEach
    void end() {
        gate.countDown();
        server.close();
        health.close();
        pages.close();
    }

    private Path socket() {
        return directory.resolve("socket");
    }

    private Kapacitor running(String task) throws IOException {
        return running(socket(), task);
    }

    private static Kapacitor running(Path socket, String task) throws IOException {
        Kapacitor kapacitor = Kapacitor.builder()
                .timeout(Duration.ofMinutes(5))
                .deadline(Duration.ofMinutes(5))
                .connect(socket);
        assertThat(kapacitor.init(task, "counting2").getError()).isEmpty();
        return kapacitor;
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private HttpResponse<String> get(String path) {
        return send(path, "GET");
    }

    private HttpResponse<String> send(String path, String method) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + pages.address() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String metric(String line) {
        return get("/metrics")
                .body()
                .lines()
                .filter(text -> text.startsWith(line + " "))
                .map(text -> text.substring(line.length() + 1))
                .findFirst()
                .orElse("none");
    }

    private JsonNode status() {
        return new JsonMapper().readTree(get("/status.json").body());
    }

    @Test
    void whatAConnectionDoesIsInTheScrape() throws IOException {
        server.start();
        String labels = "{node=\"counting2\",task=\"cpu\",udf=\"counting\"}";
        try (Kapacitor kapacitor = running("cpu")) {
            kapacitor.send(Points.of("m v=1 0", "m v=1,ratio=1 1"));
            kapacitor.awaitReceived(2);
            kapacitor.snapshot();
            await(() -> metric("kapacitor_udf_groups" + labels).equals("1.0"));
            assertThat(metric("kapacitor_udf_received_points_total" + labels)).isEqualTo("2.0");
            assertThat(metric("kapacitor_udf_sent_points_total" + labels)).isEqualTo("2.0");
            assertThat(metric("kapacitor_udf_connections" + labels)).isEqualTo("1.0");
            assertThat(metric("kapacitor_udf_snapshots_total" + labels)).isEqualTo("1.0");
            assertThat(metric("kapacitor_udf_non_finite_total" + labels)).isEqualTo("1.0");
            assertThat(
                            metric(
                                    "kapacitor_udf_counter_total{counter=\"seen\",node=\"counting2\",task=\"cpu\",udf=\"counting\"}"))
                    .isEqualTo("2.0");
            kapacitor.closeInput();
            kapacitor.awaitEnd();
        }
        await(() -> metric("kapacitor_udf_ended_connections_total{ending=\"clean\",udf=\"counting\"}")
                .equals("1.0"));
        assertThat(metric("kapacitor_udf_received_points_total" + labels)).isEqualTo("2.0");
        assertThat(metric("kapacitor_udf_connections" + labels)).isEqualTo("0.0");
        assertThat(metric("kapacitor_udf_call_duration_seconds_bucket{udf=\"counting\",le=\"+Inf\"}"))
                .isEqualTo(metric("kapacitor_udf_calls_total" + labels).replace(".0", ""));
        assertThat(get("/metrics").headers().firstValue("content-type"))
                .hasValue("text/plain; version=0.0.4; charset=utf-8");
    }

    @Test
    void aHostileNameIsAValueAndNothingElse() throws IOException {
        server.start();
        try (Kapacitor kapacitor = running(HOSTILE)) {
            kapacitor.send(Points.of("m v=1 0"));
            kapacitor.awaitReceived(1);
            assertThat(status().get("nodes").get(0).get("task").asString()).isEqualTo(HOSTILE);
            assertThat(get("/metrics").body())
                    .contains(
                            "{node=\"counting2\",task=\"<script>alert(1)</script>\\\"'&\\\\\\n{}\",udf=\"counting\"} 1.0\n");
            assertThat(get("/").body()).doesNotContain("alert");
        }
    }

    @Test
    void onlyThePagesOwnScriptMayRun() {
        HttpResponse<String> page = get("/");
        assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("content-security-policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .startsWith("default-src 'none'; connect-src 'self';")
                        .containsPattern("script-src 'sha256-[A-Za-z0-9+/]{43}='")
                        .doesNotContain("unsafe"));
        assertThat(page.headers().firstValue("x-content-type-options")).hasValue("nosniff");
        assertThat(page.body())
                .doesNotContain("innerHTML")
                .doesNotContain("http://")
                .doesNotContain("https://")
                .doesNotContain("style=")
                .doesNotContainPattern("\\son[a-z]+=");
    }

    @Test
    void aServerIsReadyWhileItListens() throws IOException {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/readyz").body()).startsWith("sockets: ");
        server.start();
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").body()).isEqualTo("ok\n");
        assertThat(metric("kapacitor_udf_ready")).isEqualTo("1.0");
        // The server would bind the socket again if the file were missing.
        Files.move(Files.writeString(directory.resolve("x"), ""), socket(), StandardCopyOption.ATOMIC_MOVE);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(metric("kapacitor_udf_ready")).isEqualTo("0.0");
    }

    @Test
    void aServerThatDrainsIsAliveAndNotReady() throws Exception {
        server.start();
        try (Kapacitor kapacitor = running("cpu")) {
            kapacitor.send(Points.of("m wait=1 0"));
            await(() -> !status().get("nodes").get(0).path("call").isMissingNode());
            Thread closing = new Thread(server::close);
            closing.start();
            await(() -> get("/readyz").statusCode() == 503);
            assertThat(get("/healthz").statusCode()).isEqualTo(200);
            gate.countDown();
            kapacitor.closeInput();
            closing.join();
        }
    }

    @Test
    void aCallThatIsAbandonedIsShownAndMakesTheServerUnready() throws IOException {
        server.start();
        try (Kapacitor kapacitor = running(directory.resolve("limited"), "cpu")) {
            try {
                kapacitor.send(Points.of("m wait=1 0"));
                kapacitor.awaitTaskError();
            } catch (StandInException e) {
                // The error may be known before everything is sent.
            }
            await(() -> get("/readyz").body().equals("abandoned calls: 1 (expected: <= 0)\n"));
            assertThat(metric("kapacitor_udf_abandoned_calls")).isEqualTo("1.0");
            gate.countDown();
            await(() -> get("/readyz").statusCode() == 200);
        }
    }

    @Test
    void theStatusShowsTheCallThatIsGoingOnAndWhoEndedBadly() throws IOException {
        server.start();
        try (Kapacitor kapacitor = running("cpu")) {
            kapacitor.send(Points.of("m wait=1 0"));
            await(() -> status().get("nodes")
                    .get(0)
                    .path("call")
                    .path("method")
                    .asString("")
                    .equals("point"));
            gate.countDown();
            kapacitor.awaitReceived(1);
            try {
                kapacitor.send(Points.of("m fail=\"boom\" 0"));
            } catch (StandInException e) {
                // As above.
            }
            assertThat(kapacitor.awaitTaskError()).contains("boom");
        }
        await(() -> status().get("badEnds").size() == 1);
        JsonNode end = status().get("badEnds").get(0);
        assertThat(end.get("task").asString()).isEqualTo("cpu");
        assertThat(end.get("ending").asString()).isEqualTo("failed");
        assertThat(end.get("text").asString()).contains("boom");
        assertThat(status().get("version").asString()).isEqualTo("1.2.3");
    }

    @Test
    void theStatusHasFiveReasonsForSkippingANodesPointsAndCutsLongOnes() throws IOException {
        server.start();
        try (Kapacitor kapacitor = running("cpu")) {
            for (char c = 'a'; c < 'h'; c++) {
                int length = c == 'g' ? 201 : 200;
                String text = String.valueOf(c).repeat(length - "point: ".length());
                kapacitor.send(Points.of("m odd=\"" + text + "\" 0"));
            }
            kapacitor.send(Points.of("m v=1 1"));
            kapacitor.awaitReceived(1);
            JsonNode node = status().get("nodes").get(0);
            assertThat(node.get("skips").valueStream())
                    .extracting(skip -> skip.get("reason").asString())
                    .containsExactlyInAnyOrder(
                            "point: " + "c".repeat(193),
                            "point: " + "d".repeat(193),
                            "point: " + "e".repeat(193),
                            "point: " + "f".repeat(193),
                            "point: " + "g".repeat(193) + "...");
            assertThat(node.get("moreSkipReasons").asInt()).isEqualTo(2);
        }
    }

    @Test
    void thereIsNothingElse() {
        assertThat(get("/etc/passwd").statusCode()).isEqualTo(404);
        assertThat(get("/metrics?x=y").statusCode()).isEqualTo(200);
        assertThat(send("/", "POST").statusCode()).isEqualTo(405);
        assertThat(send("/", "POST").headers().firstValue("allow")).hasValue("GET");
        assertThat(send("/", "DELETE").statusCode()).isEqualTo(405);
    }

    private Socket connect() throws IOException {
        return connect(pages);
    }

    private static Socket connect(OpsServer to) throws IOException {
        String address = to.address();
        return new Socket(
                InetAddress.getLoopbackAddress(), Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    }

    private static String answer(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        try (InputStream in = socket.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aRequestThatIsTooLongOrNoneAtAllIsRefused() throws IOException {
        String atTheLimit = "/" + "x".repeat(MAX_REQUEST_LINE_BYTES - "GET / HTTP/1.1".length());
        try (Socket socket = connect()) {
            assertThat(answer(socket, "GET " + atTheLimit + " HTTP/1.1\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 404 ");
        }
        try (Socket socket = connect()) {
            assertThat(answer(socket, "GET " + atTheLimit + "x HTTP/1.1\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ");
        }
        String close = "Connection: close";
        String headerAtTheLimit = "X: " + "x".repeat(MAX_HEADER_BYTES - close.length() - "X: ".length());
        try (Socket socket = connect()) {
            assertThat(answer(socket, "GET / HTTP/1.1\r\n" + close + "\r\n" + headerAtTheLimit + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
        }
        try (Socket socket = connect()) {
            assertThat(answer(socket, "GET / HTTP/1.1\r\n" + close + "\r\n" + headerAtTheLimit + "x\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ");
        }
        try (Socket socket = connect()) {
            assertThat(answer(socket, "\u0001\u0002\u0003\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:9274, 200",
        "LOCALHOST, 200",
        "127.0.0.1:9274, 200",
        "192.0.2.1, 200",
        "[::1]:9274, 200",
        "rebound.example.org, 421",
        "rebound.example.org:9274, 421",
        "localhost.example.org, 421",
        "127.0.0.1.example.org:9274, 421"
    })
    void aPageFromElsewhereDoesNotReadAlongUnderANameOfItsOwn(String host, String status) throws IOException {
        try (Socket socket = connect()) {
            assertThat(answer(socket, "GET /status.json HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 " + status)
                    .doesNotContainIgnoringCase("access-control");
        }
    }

    @Test
    void whoAsksWithoutWaitingForAnswersIsDisconnected() throws IOException {
        long answers = 0;
        try (Socket socket = connect()) {
            String all = answer(socket, "GET /metrics HTTP/1.1\r\n\r\n".repeat(100));
            answers = Pattern.compile("HTTP/1.1 200").matcher(all).results().count();
        } catch (IOException e) {
            // A reset is equivalent.
        }
        assertThat(answers).isLessThanOrEqualTo(1);
    }

    @Test
    void aConnectionMayBeUsedAgainAndAgain() throws IOException {
        try (Socket socket = connect()) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (int i = 0; i < 100; i++) {
                socket.getOutputStream().write("GET /healthz HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(in.readLine()).isEqualTo("HTTP/1.1 200 OK");
                String line = in.readLine();
                while (!line.equals("ok")) {
                    line = in.readLine();
                }
            }
        }
    }

    @Test
    void aClientThatSaysNothingIsDisconnectedAfterItsTime() throws IOException {
        try (OpsServer impatient = new OpsServer(setting(List.of(), 1, 2, SHORT))
                        .start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), server, health);
                Socket silent = connect(impatient);
                Socket halfway = connect(impatient)) {
            try {
                halfway.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(halfway.getInputStream().read()).isEqualTo(-1);
            } catch (IOException e) {
                // It was disconnected before it had sent anything.
            }
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aClientThatSendsItsRequestByteByByteIsDisconnectedAfterItsTimeToo() throws IOException {
        try (OpsServer impatient = new OpsServer(setting(List.of(), 1, 2, SHORT))
                        .start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), server, health);
                Socket slow = connect(impatient)) {
            slow.setSoTimeout(20);
            int answer = 0;
            for (int sent = 0; answer != -1; sent++) {
                assertThat(sent).isLessThan(MAX_REQUEST_LINE_BYTES);
                try {
                    slow.getOutputStream().write('G');
                    answer = slow.getInputStream().read();
                } catch (SocketTimeoutException e) {
                    // It is still connected.
                } catch (IOException e) {
                    answer = -1;
                }
            }
        }
    }

    @Test
    void whoComesLastIsServedHoweverManySitThere() throws IOException {
        Socket[] sitting = new Socket[MAX_CLIENTS + 1];
        try {
            for (int i = 0; i < MAX_CLIENTS; i++) {
                sitting[i] = connect();
            }
            sitting[MAX_CLIENTS] = connect();
            assertThat(sitting[0].getInputStream().read()).isEqualTo(-1);
            assertThat(get("/healthz").statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : sitting) {
                socket.close();
            }
        }
    }

    @Test
    void anAddressInUseIsNamed() throws IOException {
        String address = pages.address();
        OpsServer second = new OpsServer(setting(List.of(), 1, 1, SHORT));
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        assertThatThrownBy(() ->
                        second.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), server, health))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(address);
    }

    @Test
    void limitsBelowOneAreRefused() {
        assertThatThrownBy(() -> setting(List.of(), 0, 1, SHORT)).hasMessage("maxNodes: 0 (expected: >= 1)");
        assertThatThrownBy(() -> setting(List.of(), 1, 0, SHORT)).hasMessage("maxClients: 0 (expected: >= 1)");
    }

    /** The names in a scrape after everything has happened once. */
    private Set<String> scraped() throws IOException {
        server.start();
        try (Kapacitor kapacitor = running("cpu")) {
            kapacitor.send(Points.of("m v=1 0"));
            kapacitor.awaitReceived(1);
            System.gc();
            await(() -> get("/metrics").body().contains("jvm_gc_pause_seconds_count"));
            return get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.replaceAll("[ {].*", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> names(String text) {
        return Pattern.compile("\\b(kapacitor_udf|jvm|process|system)_[a-z0-9_]+")
                .matcher(text)
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theDashboardAndTheAlertsUseMetricsThatThereAre() throws IOException {
        Set<String> scraped = scraped();
        JsonNode dashboard =
                new JsonMapper().readTree(Files.readString(ROOT.resolve("ops/grafana/kapacitor-udf.json")));
        Set<String> used = new TreeSet<>();
        dashboard
                .get("panels")
                .forEach(panel -> panel.path("targets")
                        .forEach(target -> used.addAll(names(target.get("expr").asString()))));
        dashboard
                .get("templating")
                .get("list")
                .forEach(variable -> used.addAll(names(variable.path("query").toString())));
        assertThat(used).hasSizeGreaterThan(15);
        assertThat(scraped).containsAll(used);
        Set<String> alerting = names(Files.readString(ROOT.resolve("ops/prometheus/kapacitor-udf.rules.yml"))
                .lines()
                .filter(line -> line.contains("expr:"))
                .collect(Collectors.joining("\n")));
        assertThat(alerting).hasSizeGreaterThan(5);
        assertThat(scraped).containsAll(alerting);
    }

    @Test
    void tasksThatWereBroughtBackAreCounted() throws IOException {
        assertThat(get("/metrics").body())
                .contains(
                        "kapacitor_udf_reloaded_tasks_total 16.0\n",
                        "kapacitor_udf_failed_task_reloads_total 1.0\n",
                        "kapacitor_udf_left_tasks_total 2.0\n",
                        "kapacitor_udf_undecided_tasks 3.0\n");
    }

    @Test
    void everyMetricIsInTheDocumentAsItIsScraped() throws IOException {
        scraped();
        List<String> rows = get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("# HELP kapacitor_udf_"))
                .map(line -> line.substring("# HELP ".length()))
                .map(line -> "| `" + line.substring(0, line.indexOf(' ')) + "` | "
                        + line.substring(line.indexOf(' ') + 1) + " |")
                .toList();
        assertThat(rows).hasSizeGreaterThan(25);
        List<String> documented = Files.readAllLines(ROOT.resolve("docs/operations.md")).stream()
                .filter(line -> line.startsWith("| `kapacitor_udf_"))
                .toList();
        assertThat(documented).containsExactlyInAnyOrderElementsOf(rows);
    }
}
