package org.kapacitorudf.server.tasks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.json.JsonMapper;

/**
 * The HTTP API of Kapacitor 1.8.3, as far as tasks need it.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class KapacitorStandIn implements AutoCloseable {
    private static final String API = "/kapacitor/v1/";

    private final InstantSource clock;
    private final SSLContext tls;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final JsonMapper json = new JsonMapper();
    private final Map<String, Map<String, Object>> tasks = new LinkedHashMap<>(); // guarded by this
    private final Map<String, Instant> templates = new LinkedHashMap<>(); // guarded by this
    private final List<String> asked = new ArrayList<>(); // guarded by this
    private String authorization; // guarded by this
    private Misbehaviour misbehaviour = (exchange, call) -> false; // guarded by this
    private HttpServer server;

    /** Handles a request in an incorrect way. */
    @FunctionalInterface
    interface Misbehaviour {
        /**
         * @param call such as {@code PATCH tasks/a disabled}
         * @return whether the request has been handled
         */
        boolean instead(HttpExchange exchange, String call) throws IOException;
    }

    private KapacitorStandIn(InstantSource clock, SSLContext tls) {
        this.clock = clock;
        this.tls = tls;
    }

    public static KapacitorStandIn start(InstantSource clock) throws IOException {
        return new KapacitorStandIn(clock, null).listen(0);
    }

    static KapacitorStandIn startTls(SSLContext tls) throws IOException {
        return new KapacitorStandIn(InstantSource.system(), tls).listen(0);
    }

    private KapacitorStandIn listen(int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        if (tls == null) {
            server = HttpServer.create(address, 0);
        } else {
            HttpsServer secure = HttpsServer.create(address, 0);
            secure.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = secure;
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
        return this;
    }

    /** Stops; {@link #comeUp} starts it again at the same address. */
    void goDown() {
        server.stop(0);
    }

    void comeUp() throws IOException {
        listen(server.getAddress().getPort());
    }

    public String url() {
        return (tls == null ? "http" : "https") + "://localhost:"
                + server.getAddress().getPort();
    }

    KapacitorAccess access() {
        return KapacitorAccess.at(url());
    }

    /** Adds a task that was enabled at a time; its nodes are functions with numbers from 2. */
    public synchronized void task(String id, Instant lastEnabled, String... functions) {
        StringBuilder script = new StringBuilder("stream|from() // not @commented()\n");
        StringBuilder dot = new StringBuilder("digraph " + id + " {\nstream0 -> from1;\n");
        String last = "from1";
        for (int i = 0; i < functions.length; i++) {
            script.append("@").append(functions[i]).append("().as('@quoted()')\n");
            dot.append(last).append(" -> ").append(functions[i]).append(i + 2).append(" [processed=\"0\"];\n");
            last = functions[i] + (i + 2);
        }
        Map<String, Object> task = new LinkedHashMap<>();
        task.put("id", id);
        task.put("template-id", "");
        task.put("script", script.toString());
        task.put("dot", dot.append(last).append(" -> http_out9;\n}").toString());
        task.put("status", "enabled");
        task.put("executing", true);
        task.put("error", "");
        task.put("last-enabled", lastEnabled.toString());
        tasks.put(id, task);
    }

    synchronized void template(String task, String template, Instant modified) {
        tasks.get(task).put("template-id", template);
        templates.put(template, modified);
    }

    public synchronized void set(String task, String field, Object value) {
        tasks.get(task).put(field, value);
    }

    synchronized void remove(String task) {
        tasks.remove(task);
    }

    public synchronized void require(String authorization) {
        this.authorization = authorization;
    }

    synchronized void misbehave(Misbehaviour misbehaviour) {
        this.misbehaviour = misbehaviour;
    }

    synchronized void behave() {
        misbehaviour = (exchange, call) -> false;
    }

    /** The requests that changed something: {@code PATCH tasks/a disabled}. */
    public synchronized List<String> changes() {
        return asked.stream().filter(call -> !call.startsWith("GET")).toList();
    }

    synchronized int requests() {
        return asked.size();
    }

    static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String status =
                body.isEmpty() ? "" : " " + json.readTree(body).path("status").asString();
        String path = exchange.getRequestURI().getPath().replace(API, "");
        String call = exchange.getRequestMethod() + " " + path + status;
        Misbehaviour first;
        synchronized (this) {
            asked.add(call);
            first = misbehaviour;
        }
        if (!first.instead(exchange, call)) {
            right(exchange, path, status.strip());
        }
    }

    private void right(HttpExchange exchange, String path, String status) throws IOException {
        int code = 200;
        Object answer;
        synchronized (this) {
            String given = exchange.getRequestHeaders().getFirst("Authorization");
            if (authorization != null && !authorization.equals(given)) {
                code = 401;
                answer = Map.of(
                        "error", given == null ? "unable to parse authentication credentials" : "authorization failed");
            } else if (path.equals("tasks")) {
                answer = Map.of("tasks", page(exchange.getRequestURI().getQuery()));
            } else if (path.startsWith("templates/")) {
                answer = Map.of(
                        "modified",
                        templates.get(path.substring("templates/".length())).toString());
            } else {
                Map<String, Object> task = tasks.get(path.substring("tasks/".length()));
                code = task == null ? 404 : 200;
                answer = task == null ? Map.of("error", "no task exists", "message", "no task exists") : task;
                if (task != null && !status.isEmpty()) {
                    patch(task, status);
                }
            }
        }
        answer(exchange, code, json.writeValueAsString(answer));
    }

    private List<Map<String, Object>> page(String query) {
        int offset = Integer.parseInt(query.replaceAll(".*offset=(\\d+).*", "$1"));
        int limit = Integer.parseInt(query.replaceAll(".*limit=(\\d+).*", "$1"));
        return tasks.values().stream().skip(offset).limit(limit).toList();
    }

    private void patch(Map<String, Object> task, String status) {
        boolean changed = !task.put("status", status).equals(status);
        task.put("executing", status.equals("enabled"));
        if (changed && status.equals("enabled")) {
            task.put("last-enabled", clock.instant().toString());
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
