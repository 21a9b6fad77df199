package org.kapacitorudf.server.tasks;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.server.tasks.KapacitorException.Kind;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The part of Kapacitor's HTTP API that is needed for tasks.
 *
 * <p>Threading: safe for use by any thread. Each request is limited by the timeout.
 *
 * <p>Errors: {@link KapacitorException}, whose message contains the request and what went wrong.
 */
final class KapacitorClient {
    /** The maximum size of a response. The largest response is a page of tasks. */
    private static final int MAX_ANSWER_BYTES = 32 << 20;

    private static final int PAGE = 100;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;

    /** HTTP statuses that concern all tasks: access is denied, or a proxy cannot reach Kapacitor. */
    private static final Set<Integer> OUT_OF_REACH = Set.of(401, 403, 502, 503, 504);

    private static final int MAX_TEXT = 300;
    private static final Pattern FUNCTION = Pattern.compile("@\\s*([\\p{L}_][\\p{L}\\p{Nd}_]*)");
    private static final Pattern EDGE = Pattern.compile("([^\\s;\\[]+) -> ([^\\s;\\[]+)");

    private final KapacitorAccess access;
    private final int maxAnswerBytes;
    private final HttpClient http;
    private final JsonMapper json = new JsonMapper();

    KapacitorClient(KapacitorAccess access) {
        this(access, MAX_ANSWER_BYTES);
    }

    KapacitorClient(KapacitorAccess access, int maxAnswerBytes) {
        this.access = access;
        this.maxAnswerBytes = maxAnswerBytes;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(access.timeout());
        access.tls().ifPresent(builder::sslContext);
        this.http = builder.build();
    }

    /** Returns the task with this name; empty if it does not exist. */
    Optional<Task> task(String id) throws KapacitorException, InterruptedException {
        String path = "tasks/" + encoded(id) + "?script-format=raw&dot-view=labels";
        HttpResponse<byte[]> response = send("GET", path, null);
        if (response.statusCode() == NOT_FOUND && parsed(path, response).has("error")) {
            return Optional.empty();
        }
        return Optional.of(task(path, accepted("GET", path, response)));
    }

    /** All tasks, in Kapacitor's order. */
    List<Task> tasks() throws KapacitorException, InterruptedException {
        List<Task> tasks = new ArrayList<>();
        int before;
        do {
            before = tasks.size();
            String path = "tasks?script-format=raw&dot-view=labels&offset=" + before + "&limit=" + PAGE
                    + "&fields=id&fields=status&fields=executing&fields=error&fields=last-enabled&fields=template-id"
                    + "&fields=script&fields=dot";
            for (JsonNode task : accepted("GET", path, send("GET", path, null)).path("tasks")) {
                tasks.add(task(path, task));
            }
        } while (tasks.size() == before + PAGE);
        return tasks;
    }

    /** Kapacitor's clock, accurate to a second; the local clock if Kapacitor does not send its time. */
    Instant clock() throws KapacitorException, InterruptedException {
        return send("GET", "tasks?fields=id&offset=0&limit=1", null)
                .headers()
                .firstValue("Date")
                .map(date -> DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from))
                .orElseGet(Instant::now);
    }

    void disable(String id) throws KapacitorException, InterruptedException {
        patch(id, "disabled");
    }

    void enable(String id) throws KapacitorException, InterruptedException {
        patch(id, "enabled");
    }

    private void patch(String id, String status) throws KapacitorException, InterruptedException {
        String path = "tasks/" + encoded(id);
        String body = "{\"status\":\"" + status + "\"}";
        accepted("PATCH", path, send("PATCH", path, body));
    }

    private Task task(String path, JsonNode task) throws KapacitorException, InterruptedException {
        try {
            Instant startedAt = time(task.path("last-enabled"));
            String template = task.path("template-id").asString("");
            if (!template.isEmpty()) {
                Instant changed = templateChangedAt(template);
                startedAt = changed.isAfter(startedAt) ? changed : startedAt;
            }
            String dot = task.path("dot").asString("");
            Set<String> nodes = new LinkedHashSet<>();
            EDGE.matcher(dot).results().forEach(edge -> nodes.addAll(List.of(edge.group(1), edge.group(2))));
            // A name that occurs only in a comment or a string has no node, and is omitted.
            List<String> functions = FUNCTION.matcher(task.path("script").asString(""))
                    .results()
                    .map(match -> match.group(1))
                    .distinct()
                    .filter(function -> nodes.stream().anyMatch(node -> Task.isNodeOf(node, function)))
                    .toList();
            return new Task(
                    task.required("id").asString(),
                    task.required("status").asString().equals("enabled"),
                    task.required("executing").asBoolean(),
                    task.path("error").asString(""),
                    startedAt,
                    List.copyOf(nodes),
                    functions);
        } catch (DateTimeException | JacksonException e) {
            throw new KapacitorException(Kind.REFUSED, path + ": not a response of Kapacitor: " + e.getMessage(), e);
        }
    }

    private static Instant time(JsonNode time) {
        return Instant.parse(time.asString(""));
    }

    /**
     * Returns the time of the last change of a template. The change has restarted the tasks that use the template, but
     * Kapacitor does not include this time in the data of these tasks.
     */
    private Instant templateChangedAt(String template) throws KapacitorException, InterruptedException {
        String path = "templates/" + encoded(template);
        HttpResponse<byte[]> response = send("GET", path, null);
        return response.statusCode() == NOT_FOUND
                ? Instant.EPOCH
                : time(accepted("GET", path, response).path("modified"));
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private JsonNode accepted(String method, String path, HttpResponse<byte[]> response) throws KapacitorException {
        if (response.statusCode() != OK) {
            String text = text(response);
            Kind kind = OUT_OF_REACH.contains(response.statusCode()) ? Kind.UNREACHABLE : Kind.REFUSED;
            throw new KapacitorException(
                    kind, method + " " + path + ": " + response.statusCode() + " (expected: 200): " + text, null);
        }
        return parsed(path, response);
    }

    private JsonNode parsed(String path, HttpResponse<byte[]> response) throws KapacitorException {
        try {
            return json.readTree(response.body());
        } catch (JacksonException e) {
            throw new KapacitorException(
                    Kind.REFUSED, path + ": not JSON (expected: Kapacitor's API): " + text(response), e);
        }
    }

    /** The error in a response, as one line. */
    private String text(HttpResponse<byte[]> response) {
        String text = new String(response.body(), StandardCharsets.UTF_8);
        try {
            text = json.readTree(text).path("error").asString(text);
        } catch (JacksonException e) {
            // The response may be that of a proxy.
        }
        text = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "..." : text;
    }

    private HttpResponse<byte[]> send(String method, String path, @Nullable String body)
            throws KapacitorException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(access.resolve(path))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        access.authorization().ifPresent(authorization -> request.header("Authorization", authorization));
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request.build(), head -> new LimitedBody(maxAnswerBytes));
        String asked = method + " " + access + "/.../" + path.replaceAll("\\?.*", "");
        try {
            // The client's own timeout does not cover the body.
            return answer.get(access.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new KapacitorException(Kind.LATE, asked + ": no response within " + access.timeout(), e);
        } catch (ExecutionException e) {
            throw failure(asked, e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private static KapacitorException failure(String asked, @Nullable Throwable cause) {
        if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
            return new KapacitorException(Kind.UNREACHABLE, asked + ": cannot connect: " + cause, cause);
        }
        if (cause instanceof javax.net.ssl.SSLException) {
            return new KapacitorException(Kind.UNREACHABLE, asked + ": " + cause.getMessage(), cause);
        }
        if (cause instanceof HttpTimeoutException) {
            return new KapacitorException(Kind.LATE, asked + ": " + cause.getMessage(), cause);
        }
        if (cause instanceof LimitedBody.TooLong) {
            return new KapacitorException(Kind.REFUSED, asked + ": " + cause.getMessage(), cause);
        }
        if (cause instanceof IOException) {
            return new KapacitorException(Kind.BROKEN_OFF, asked + ": the connection broke: " + cause, cause);
        }
        return new KapacitorException(Kind.REFUSED, asked + ": " + cause, cause);
    }
}
