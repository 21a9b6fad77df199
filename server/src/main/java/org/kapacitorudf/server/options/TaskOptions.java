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

/** The options for reloading tasks, shared by {@code serve} and {@code tasks}. */
public final class TaskOptions {
    public static final String HEADING = "%nReloading tasks:%n";
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
                    "Kapacitor's HTTP API, for example http://127.0.0.1:9092: tasks that were connected when the server ended are "
                            + "reloaded after it has started again.")
    private String url;

    @Option(
            names = CREDENTIALS,
            paramLabel = "FILE",
            description = "A file with one line, USER:PASSWORD or Bearer TOKEN. Default: the variable "
                    + CREDENTIALS_VARIABLE + ", or none.")
    private Path credentials;

    @Option(names = CA, paramLabel = "FILE", description = "PEM certificates to trust instead of those of the JVM.")
    private Path ca;

    @Option(
            names = "--kapacitor-unsafe-tls",
            description = "Trusts any server: an attacker on the network may read the credentials.")
    private boolean unsafeTls;

    @Option(
            names = TIMEOUT,
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "The time limit for a response of Kapacitor. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Option(
            names = "--task-file",
            paramLabel = "FILE",
            description =
                    "The file with the connected tasks. Default: " + FILE_NAME + ", in the directory of the sockets.")
    private Path file;

    @Option(
            names = MAX_RELOADS,
            paramLabel = "COUNT",
            defaultValue = "" + ReloadRules.MAX_RELOADS,
            converter = Converters.Count.class,
            description =
                    "How often a task may be reloaded within --task-reload-interval; planned restarts do not count. Default: ${DEFAULT-VALUE}.")
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
                    "Also reloads tasks that use functions which this server does not serve; their server must listen by then, or "
                            + "Kapacitor crashes.")
    private boolean mixed;

    /** The values of the options, or their defaults. */
    public record Chosen(KapacitorAccess access, Path file, ReloadRules rules, boolean unsafeTls) {}

    /**
     * @param served the served functions
     * @param sockets the directory of the sockets, which is also the default directory of the task file
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
