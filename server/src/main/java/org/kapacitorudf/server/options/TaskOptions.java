package org.kapacitorudf.server.options;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.kapacitorudf.server.tasks.KapacitorAccess;
import org.kapacitorudf.server.tasks.ReloadRules;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Tasks that come back, on the command line: the options of {@code serve} and {@code tasks} alike. */
public final class TaskOptions {
    public static final String HEADING = "%nTasks that come back:%n";
    static final String FILE_NAME = "tasks.json";
    public static final String CREDENTIALS_VARIABLE = "KAPACITOR_UDF_CREDENTIALS";

    public static final String KAPACITOR = "--kapacitor";
    private static final String CREDENTIALS = "--kapacitor-credentials";
    private static final String CA = "--kapacitor-ca";
    private static final String TIMEOUT = "--kapacitor-timeout";
    private static final String MAX_RELOADS = "--max-task-reloads";
    private static final String INTERVAL = "--task-reload-interval";

    @Option(
            names = KAPACITOR,
            required = true,
            paramLabel = "URL",
            description =
                    "Kapacitor's HTTP API, http://127.0.0.1:9092 for example: the tasks that were connected when the server ended are "
                            + "reloaded when it listens again.")
    private String url;

    @Option(
            names = CREDENTIALS,
            paramLabel = "FILE",
            description = "A file with one line, USER:PASSWORD or Bearer TOKEN. Default: what the variable "
                    + CREDENTIALS_VARIABLE + " holds, or none.")
    private Path credentials;

    @Option(names = CA, paramLabel = "FILE", description = "Certificates in PEM to trust in place of the JVM's.")
    private Path ca;

    @Option(
            names = "--kapacitor-unsafe-tls",
            description = "Trusts whoever answers: whoever is on the way may read the credentials.")
    private boolean unsafeTls;

    @Option(
            names = TIMEOUT,
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "How long an answer of Kapacitor may take. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Option(
            names = "--task-file",
            paramLabel = "FILE",
            description =
                    "Where it is kept which tasks are connected. Default: " + FILE_NAME + ", where the sockets are.")
    private Path file;

    @Option(
            names = MAX_RELOADS,
            paramLabel = "COUNT",
            defaultValue = "" + ReloadRules.MAX_RELOADS,
            converter = Converters.Count.class,
            description =
                    "How often a task may be reloaded within --task-reload-interval; restarts that were planned do not count. Default: ${DEFAULT-VALUE}.")
    private int maxReloads;

    @Option(
            names = INTERVAL,
            paramLabel = "DURATION",
            defaultValue = "1h",
            description = "The time for which --max-task-reloads counts. Default: ${DEFAULT-VALUE}.")
    private Duration interval;

    @Option(
            names = "--reload-mixed-tasks",
            description =
                    "Also reloads tasks that use functions which are not served here; whoever serves them has to listen by then, or "
                            + "Kapacitor crashes.")
    private boolean mixed;

    /** What was typed, as far as it can be known before the sockets are. */
    public record Chosen(KapacitorAccess access, Path file, ReloadRules rules, boolean unsafeTls) {}

    /**
     * @param served the functions that are served
     * @param sockets where their sockets are
     */
    public Chosen read(CommandSpec command, Map<String, String> environment, Set<String> served, Path sockets) {
        KapacitorAccess access = OptionParsing.value(command, KAPACITOR, () -> KapacitorAccess.at(url));
        String fromEnvironment = environment.getOrDefault(CREDENTIALS_VARIABLE, "");
        if (credentials != null) {
            KapacitorAccess open = access;
            access = OptionParsing.value(command, CREDENTIALS, () -> open.withCredentialsOf(credentials));
        } else if (!fromEnvironment.isEmpty()) {
            KapacitorAccess open = access;
            access = OptionParsing.value(command, CREDENTIALS_VARIABLE, () -> open.withCredentials(fromEnvironment));
        }
        if (ca != null && unsafeTls) {
            throw new ParameterException(
                    command.commandLine(), CA + ": with --kapacitor-unsafe-tls (expected: one of them)");
        }
        if (ca != null) {
            KapacitorAccess trusting = access;
            access = OptionParsing.value(command, CA, () -> trusting.trusting(ca));
        } else if (unsafeTls) {
            access = access.trustingAnybody();
        }
        KapacitorAccess patient = access;
        access = OptionParsing.value(command, TIMEOUT, () -> patient.withTimeout(timeout));
        ReloadRules rules = OptionParsing.value(
                command, MAX_RELOADS + ", " + INTERVAL, () -> new ReloadRules(served, mixed, maxReloads, interval));
        return new Chosen(access, file == null ? sockets.resolve(FILE_NAME) : file, rules, unsafeTls);
    }
}
