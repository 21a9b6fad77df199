package org.kapacitorudf.server.command;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.server.options.Quantities;

/**
 * Starts a process UDF and sends Info, as Kapacitor does at startup.
 *
 * <p>The process gets the environment of a service, not that of the terminal. If this program runs as root, it starts
 * the process under Kapacitor's user.
 *
 * <p>Threading: safe for use by any thread; {@link #check} returns at most a few seconds after the timeout.
 */
final class ProcessCheck {
    private static final String SERVICE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final Duration END_LIMIT = Duration.ofSeconds(2);
    private static final int LAST_LINES = 5;

    private final Findings findings;
    private final Optional<SystemUser> kapacitor;

    ProcessCheck(Findings findings, Optional<SystemUser> kapacitor) {
        this.findings = findings;
        this.kapacitor = kapacitor;
    }

    /**
     * Starts a process UDF and checks its response.
     *
     * @param command {@code prog} and {@code args} of the function
     * @param environment {@code env} of the function
     * @param timeout {@code timeout} of the function, after which Kapacitor gives up
     */
    void check(String subject, List<String> command, Map<String, String> environment, Duration timeout) {
        List<String> line = new ArrayList<>();
        kapacitor
                .filter(user ->
                        user.uid() != 0 && System.getProperty("user.name").equals("root"))
                .ifPresent(user -> line.addAll(List.of(
                        "setpriv",
                        "--reuid=" + user.uid(),
                        "--regid=" + user.gid(),
                        "--groups=" + user.gids().stream().map(String::valueOf).collect(Collectors.joining(",")))));
        line.addAll(List.of("env", "-i", "-C", "/", "PATH=" + SERVICE_PATH));
        environment.forEach((key, value) -> line.add(key + "=" + value));
        line.addAll(command);
        long startNanos = System.nanoTime();
        try (Kapacitor asking =
                Kapacitor.builder().timeout(timeout).deadline(timeout).spawn(line)) {
            try {
                asking.info();
                long millis = Duration.ofNanos(System.nanoTime() - startNanos).toMillis();
                findings.ok(subject, "starts, and answers within " + millis + " ms");
            } catch (StandInException e) {
                String text = failure(asking, timeout);
                findings.bad(subject, "does not answer: " + text, StartErrors.cure(text));
            }
        } catch (IOException e) {
            findings.bad(subject, e.getMessage(), StartErrors.cure(String.valueOf(e.getMessage())));
        }
    }

    /**
     * Describes the failure: the exit status of the process, or that it did not answer, followed by the last lines of
     * its STDERR. Waits for a short time, because these lines may arrive after the exit.
     */
    private static String failure(Kapacitor asking, Duration timeout) {
        List<String> text = new ArrayList<>();
        try {
            asking.awaitEnd(END_LIMIT).exitStatus().ifPresent(status -> text.add("ended with status " + status));
        } catch (StandInException e) {
            text.add("no answer within " + Quantities.duration(timeout));
        }
        asking.taskError().ifPresent(text::add);
        List<String> lines = asking.stderr();
        text.addAll(lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        return String.join("; ", text);
    }
}
