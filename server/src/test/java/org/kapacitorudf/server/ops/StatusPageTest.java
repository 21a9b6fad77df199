package org.kapacitorudf.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Counter;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.server.Browser;
import org.kapacitorudf.state.GroupState;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The status page in a browser, with responses of real servers: two responses, before and after. The page may run only
 * its own scripts, so it is opened from a file that contains the responses. The files remain in
 * {@code target/status-page}.
 */
@Tag("slow")
@Tag("one-jdk")
@Timeout(900)
class StatusPageTest {
    private static final Path PAGES = Path.of("target", "status-page");
    private static final Option<Long> LIMIT =
            Option.integer("limit").orElse(90L).help("a threshold");

    @TempDir
    private Path directory;

    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<Kapacitor> connections = new ArrayList<>();
    private UdfServer server;
    private Health health;
    private OpsServer pages;

    /** Waits at a point with the field {@code wait}, throws at one with {@code fail}, skips one without {@code v}. */
    private final class Watching implements Udf {
        @Override
        public Description describe() {
            return Description.stream("watching", "a function for tests").options(LIMIT);
        }

        @Override
        public Handler create(Context context) {
            GroupState<Long> counts = context.groupState("counts", Long.class, () -> 0L);
            Counter anomalies = context.counter("anomalies");
            return (point, output) -> {
                counts.put(point.group(), counts.of(point.group()) + 1);
                if (point.field("wait").isPresent()) {
                    gate.await();
                }
                if (point.field("fail").isPresent()) {
                    throw new IllegalStateException(point.stringField("fail"));
                }
                if (point.field("odd").isPresent()) {
                    throw new FieldException("odd " + point.stringField("odd"));
                }
                if (point.doubleField("v") > context.option(LIMIT)) {
                    anomalies.increment();
                }
                output.point(point);
            };
        }
    }

    /** Gets a new handler at a point with the field {@code fail}, skips one without {@code v}. */
    private static final class Restarting implements Udf {
        @Override
        public Description describe() {
            return Description.stream("restarting", "a function for tests").onError(FailurePolicy.RESTART);
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                if (point.field("fail").isPresent()) {
                    throw new IllegalStateException(point.stringField("fail"));
                }
                output.point(point.withField("v", point.doubleField("v")));
            };
        }
    }

    @BeforeEach
    void start() throws IOException {
        pages = new OpsServer(new OpsServer.Setting(
                List.of("watching", "restarting"),
                500,
                new PageServer.Limits(64, 4_096, 8_192, Duration.ofMinutes(5)),
                "1.2.3"));
        server = UdfServer.builder()
                .config(AgentConfig.defaults())
                .function(new Watching(), directory.resolve("socket"))
                .function(new Restarting(), directory.resolve("restarting"))
                .listener(pages.listener())
                .build();
        health = Health.of(server, 8);
        pages.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), server, health);
        server.start();
    }

    @AfterEach
    void end() {
        gate.countDown();
        connections.forEach(Kapacitor::close);
        server.close();
        health.close();
        pages.close();
    }

    private Kapacitor connect(String task) throws IOException {
        return connect("socket", task, "watching2");
    }

    private Kapacitor connect(String socket, String task, String node) throws IOException {
        Kapacitor kapacitor = open(socket);
        assertThat(kapacitor.init(task, node).getError()).isEmpty();
        return kapacitor;
    }

    private Kapacitor open(String socket) throws IOException {
        Kapacitor kapacitor = Kapacitor.builder()
                .timeout(Duration.ofMinutes(5))
                .deadline(Duration.ofMinutes(5))
                .connect(directory.resolve(socket));
        connections.add(kapacitor);
        return kapacitor;
    }

    private static String[] lines(int count) {
        String[] lines = new String[count];
        for (int i = 0; i < count; i++) {
            lines[i] = "m,host=h" + i % 7 + " v=" + i % 100 + " " + i;
        }
        return lines;
    }

    private String get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + pages.address() + path))
                .build();
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String awaitStatus(Predicate<JsonNode> condition) {
        while (true) {
            String status = get("/status.json");
            if (condition.test(new JsonMapper().readTree(status))) {
                return status;
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static boolean isSecondsAfter(JsonNode status, String before) {
        return millisAfter(status, before) >= 2_000;
    }

    private static long millisAfter(JsonNode status, String before) {
        String then = new JsonMapper().readTree(before).get("now").asString();
        return Duration.between(
                        Instant.parse(then), Instant.parse(status.get("now").asString()))
                .toMillis();
    }

    // ---- the browser

    private static String axe() throws IOException {
        try (InputStream in = StatusPageTest.class.getResourceAsStream("/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String script(String text) {
        return "<script>" + text.replace("</script", "<\\/script") + "</script>";
    }

    /** The page with two responses of a server; accessibility is checked after it has shown the second. */
    private void write(String name, String first, String second, boolean dark) throws IOException {
        write(name, first, second, dark, "");
    }

    /** @param more a script that runs after the page has shown the second response */
    private void write(String name, String first, String second, boolean dark, String more) throws IOException {
        String html = get("/");
        if (dark) {
            html = html.replace("@media (prefers-color-scheme: dark)", "@media all");
        }
        String answers = "const answers = [" + get("/history.json") + ", " + first + ", " + second + "];"
                + "window.fetch = () => answers.length"
                + " ? Promise.resolve({json: () => Promise.resolve(answers.shift())}) : new Promise(() => {});";
        String check = """
                setTimeout(() => {
                  const button = document.querySelector('td button');
                  if (button) { button.click(); }
                  %s
                  axe.run().then(result => {
                    document.body.dataset.axe = result.violations.length + ' violations: ' + result.violations
                      .map(each => each.id + ' ' + each.nodes.map(node => node.target + ' ' + node.any.map(any => any.message))).join('; ');
                    const root = document.documentElement;
                    document.body.dataset.fits = root.scrollWidth <= root.clientWidth;
                  });
                }, 3000);
                """.formatted(more);
        int head = html.indexOf("<head>") + "<head>".length();
        int body = html.indexOf("</body>");
        Files.createDirectories(PAGES);
        Files.writeString(
                PAGES.resolve(name + ".html"),
                html.substring(0, head)
                        + script(answers)
                        + html.substring(head, body)
                        + script(axe())
                        + script(check)
                        + html.substring(body));
    }

    /** The wide and light page after a script has run. */
    private String shownAfter(String name, String first, String second, String script) throws Exception {
        write(name, first, second, false, script);
        String dom = dom(name);
        return dom.substring(dom.indexOf("<header>"), dom.indexOf("<svg id=\"spark\""));
    }

    /** The DOM of a page, on a wide screen or on a phone. */
    private String dom(String name) throws Exception {
        return Browser.dom(
                        directory,
                        PAGES.resolve(name + ".html").toAbsolutePath(),
                        Duration.ofSeconds(12),
                        "--window-size=1400,1000")
                .replace("&nbsp;", " ");
    }

    /** Writes a page that shows a page in the dark and on a phone, because each start of the browser takes a while. */
    private static String frames(String name) throws IOException {
        String frame = "<iframe id='%s' src='%s.html' style='border: 0; width: %dpx; height: %dpx'></iframe>%n";
        String frames = String.format(frame, "dark", name + "-dark", 1400, 1000)
                + String.format(frame, "phone", name, 390, 1400)
                + String.format(frame, "darkPhone", name + "-dark", 390, 1400);
        Files.writeString(PAGES.resolve(name + "-frames.html"), "<body>" + frames + script("""
                setTimeout(() => document.querySelectorAll('iframe').forEach(frame => {
                  const shown = frame.contentDocument.body.dataset;
                  document.body.dataset[frame.id] = shown.axe + ', fits: ' + shown.fits;
                }), 8000);
                """) + "</body>");
        return name + "-frames";
    }

    /** The text of the wide and light page. */
    private String shown(String name, String first, String second) throws Exception {
        write(name, first, second, false);
        write(name + "-dark", first, second, true);
        assertThat(body(dom(frames(name))))
                .contains("data-dark=\"0 violations: , fits: true\"")
                .contains("data-phone=\"0 violations: , fits: true\"")
                .contains("data-dark-phone=\"0 violations: , fits: true\"");
        String dom = dom(name);
        assertThat(body(dom)).contains("data-axe=\"0 violations: \"").contains("data-fits=\"true\"");
        return dom.substring(dom.indexOf("<header>"), dom.indexOf("<svg id=\"spark\""));
    }

    /** Only the tag, because axe's output precedes it. */
    private static String body(String dom) {
        int from = dom.indexOf("<body");
        return dom.substring(from, dom.indexOf('>', from) + 1);
    }

    @Test
    void anIdleServer() throws Exception {
        String first = get("/status.json");
        String page = shown("idle", first, awaitStatus(status -> isSecondsAfter(status, first)));
        assertThat(page)
                .contains(">ready<")
                .contains("updated ")
                .contains("<a href=\"metrics\">")
                .contains("CPU, of the machine")
                .contains("watching");
    }

    @Test
    void aBusyServer() throws Exception {
        Kapacitor busy = connect("cpu");
        connect("idle");
        busy.send(Points.of(lines(100)));
        busy.awaitReceived(100);
        String first = get("/status.json");
        busy.send(Points.of(lines(1_000)));
        busy.awaitReceived(1_100);
        busy.snapshot();
        String page = shown("busy", first, awaitStatus(status -> isSecondsAfter(status, first)));
        assertThat(page)
                .contains(">ready<")
                .contains("1100 points, ")
                .contains("limit=90")
                .contains("<dt>counted anomalies</dt><dd>99</dd>")
                .contains("not restored")
                .contains(" ago, ")
                .contains("≤ ");
    }

    @Test
    void aServerWithACallThatHangs() throws Exception {
        connect("idle");
        Kapacitor hung = connect("hung");
        hung.send(Points.of("m wait=1 0"));
        String first = awaitStatus(status -> status.get("nodes").size() == 2
                && status.get("nodes").valueStream().anyMatch(node -> callSeconds(node) > 2));
        String page = shownAtWork(first);
        assertThat(page)
                .contains(">ready, 1 problem<")
                .containsPattern("<span class=\"warn\">in point for \\d")
                .containsPattern("<span class=\"warn\">(9\\d|100) %</span>");
        assertThat(page.indexOf("hung / watching2"))
                .as("problems come first")
                .isLessThan(page.indexOf("idle / watching2"));
    }

    private static double callSeconds(JsonNode node) {
        return node.path("call").path("seconds").asDouble(0);
    }

    /** Shows two responses between which the time of the call was seen, on a machine that may stall meanwhile. */
    private String shownAtWork(String status) throws Exception {
        String first = status;
        while (true) {
            String before = first;
            String second = awaitStatus(next -> isSecondsAfter(next, before));
            JsonNode next = new JsonMapper().readTree(second);
            double longest = next.get("nodes")
                    .valueStream()
                    .mapToDouble(StatusPageTest::callSeconds)
                    .max()
                    .orElse(0);
            if (longest >= 0.9 * millisAfter(next, first) / 1_000) {
                return shown("hung", first, second);
            }
            first = second;
        }
    }

    @Test
    void aServerWithFailures() throws Exception {
        Kapacitor skipping = connect("skipping");
        skipping.send(Points.of("m w=1 0", "m v=1 1", "m v=\"x\" 2"));
        skipping.awaitReceived(1);
        Kapacitor failing = connect("failing");
        try {
            failing.send(Points.of("m fail=\"boom\" 0"));
        } catch (StandInException e) {
            // The error may be known before everything is sent.
        }
        failing.awaitTaskError();
        failing.close();
        Kapacitor refused = open("socket");
        assertThat(refused.init("refused", "watching3", Options.of("limit", "x"))
                        .getError())
                .isNotEmpty();
        refused.close();
        // The server would bind the socket again if the file were missing.
        Files.move(
                Files.writeString(directory.resolve("x"), ""),
                directory.resolve("socket"),
                StandardCopyOption.ATOMIC_MOVE);
        String first = awaitStatus(status -> status.get("badEnds").size() == 2
                && status.get("hindrances").size() == 1
                && status.get("nodes").get(0).get("skips").size() == 2);
        String page = shown("failing", first, awaitStatus(status -> isSecondsAfter(status, first)));
        assertThat(page)
                .contains(">not ready<")
                .contains("sockets: ")
                .contains("boom")
                .contains("refused / watching3")
                .contains("skips: point: field \"v\": a string (expected: a number)")
                .contains("<dt>skipped 1</dt>");
    }

    @Test
    void aSkipDoesNotHideAnErrorOfTheSameNode() throws Exception {
        Kapacitor kapacitor = connect("restarting", "both", "restarting2");
        kapacitor.send(Points.of("m fail=\"boom\" 0", "m w=1 1", "m v=1 2"));
        kapacitor.awaitReceived(1);
        String first = get("/status.json");
        assertThat(shownAfter("both", first, awaitStatus(status -> isSecondsAfter(status, first)), ""))
                .contains(">ready, 2 problems<")
                .contains("(restarting) error ")
                .contains("(restarting) skips: point: field \"v\": missing (expected: a number)")
                .contains("boom");
    }

    /** The numbers of its connections start at 1 again. */
    @Test
    void whatWasKnownOfAnotherServerIsForgotten() throws Exception {
        Kapacitor busy = connect("cpu");
        busy.send(Points.of(lines(100)));
        busy.awaitReceived(100);
        String first = get("/status.json");
        busy.send(Points.of(lines(1_000)));
        busy.awaitReceived(1_100);
        String second = awaitStatus(status -> isSecondsAfter(status, first));
        String restarted = second.replaceFirst("\"startedAt\":\"[^\"]*\"", "\"startedAt\":\"2026-01-01T00:00:00Z\"");
        assertThat(shownAfter("same", first, second, ""))
                .doesNotContain("1100 points, 0 /s")
                .doesNotContain("points in, at most 0 per second");
        assertThat(shownAfter("restarted", first, restarted, ""))
                .contains("1100 points, 0 /s")
                .contains("points in, at most 0 per second");
    }

    @Test
    void theConnectionsAreFilteredAndSorted() throws Exception {
        for (String task : List.of("memory", "cpu", "disk")) {
            connect(task).send(Points.of("m v=1 0"));
        }
        String first = get("/status.json");
        String second = awaitStatus(status -> isSecondsAfter(status, first));
        String sorted = shownAfter("sorted", first, second, """
                const sort = document.getElementById('sort');
                sort.value = 'task';
                sort.dispatchEvent(new Event('change'));
                """);
        assertThat(sorted.indexOf("cpu / ")).isBetween(0, sorted.indexOf("disk / "));
        assertThat(sorted.indexOf("disk / ")).isLessThan(sorted.indexOf("memory / "));
        assertThat(shownAfter("filtered", first, second, """
                const filter = document.getElementById('filter');
                filter.value = 'DISK';
                filter.dispatchEvent(new Event('input'));
                """))
                .contains("disk / watching2", "3, 1 match the filter")
                .doesNotContain("cpu / watching2", "memory / watching2");
    }

    @Test
    void ofManyReasonsTheLastAreShownAndTheOthersCounted() throws Exception {
        Kapacitor skipping = connect("skipping");
        skipping.send(Points.of("m odd=\"a\" 0", "m odd=\"b\" 1", "m odd=\"c\" 2", "m odd=\"d\" 3"));
        skipping.send(Points.of("m odd=\"e\" 4", "m odd=\"f\" 5", "m odd=\"g\" 6", "m v=1 7"));
        skipping.awaitReceived(1);
        String first = get("/status.json");
        assertThat(shownAfter("reasons", first, awaitStatus(status -> isSecondsAfter(status, first)), ""))
                .contains("point: odd g", "point: odd c")
                .doesNotContain("point: odd b")
                .contains("<dt>and</dt><dd>2 more reasons: see the log</dd>");
    }
}
