package org.kapacitorudf.server.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kapacitorudf.client.Ping;
import org.kapacitorudf.internal.channel.SocketFile;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.options.Converters;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.options.TaskOptions;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.plugin.PlugIn;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.plugin.UnusableDirectoryException;
import org.kapacitorudf.server.tasks.KapacitorAccess;
import org.kapacitorudf.server.tasks.TaskCheck;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.ProcessText;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code doctor}: finds configuration problems. */
@Command(
        name = "doctor",
        sortOptions = false,
        description = {
            "Checks Java, limits, plug-ins, the configuration, kapacitor.conf, its sockets and programs with the permissions of Kapacitor's user, the server's "
                    + "status page, and Kapacitor and its tasks. Starts each program of kapacitor.conf like Kapacitor, and requests its options.",
            "Prints each finding and how to fix it. Exits with status 0 if everything works, otherwise with 10."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  sudo kapacitor-udf doctor --user kapacitor",
            "  kapacitor-udf doctor --kapacitor http://127.0.0.1:9092 --kapacitor-conf /srv/kapacitor.conf"
        })
final class DoctorCommand implements Callable<Integer> {
    private static final Path CONFIG = Path.of("/etc/kapacitor-udf/kapacitor-udf.toml");
    private static final Path CONF = Path.of("/etc/kapacitor/kapacitor.conf");
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);

    /** The time when this code was written. A clock that shows an earlier time is wrong. */
    private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");

    private static final int MORE_FILES = 500;
    private static final int MIN_PROCESSES = 200;
    private static final long MIN_FREE_BYTES = 1 << 20;

    private final Terminal terminal;
    private final Findings findings = new Findings();
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The file of serve --config. Default: /etc/kapacitor-udf/kapacitor-udf.toml if it exists.")
    private Path config;

    @Option(
            names = ServeCommand.DIR,
            paramLabel = "DIR",
            description = "The directory of serve's sockets, without a file.")
    private Path dir;

    @Option(
            names = "--kapacitor-conf",
            paramLabel = "FILE",
            description = "Kapacitor's configuration. Default: /etc/kapacitor/kapacitor.conf if it exists.")
    private Path conf;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description =
                    "The user that Kapacitor runs as, who must have access to the sockets, programs and plug-ins. Default: kapacitor if it exists.")
    private String user;

    @Option(
            names = TaskOptions.KAPACITOR,
            paramLabel = "URL",
            description =
                    "Kapacitor's HTTP API, to check its clock and its tasks. Default: that of the file. Credentials: the variable "
                            + TaskOptions.CREDENTIALS_VARIABLE + ".")
    private String url;

    @Option(
            names = "--timeout",
            converter = Converters.PositiveDuration.class,
            defaultValue = "5s",
            paramLabel = "DURATION",
            description =
                    "How long the agent at a socket, or the server's status page, may take to answer. For a program, its timeout in kapacitor.conf applies. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        java();
        clock();
        List<Path> typed = PlugInPath.directories();
        Optional<ServeCommand> serve = serve();
        Optional<SystemUser> kapacitor = kapacitor();
        // Plug-ins from the configuration of the server are read only by the server, so Kapacitor's user needs no
        // access.
        plugIns(PlugInPath.directories().equals(typed) ? kapacitor : Optional.empty());
        Functions functions = Functions.installed();
        functions.ignored().forEach(this::ignored);
        functions
                .incomplete()
                .forEach(text -> findings.warn(
                        "plug-in", text, "put the library into the jar, or into the directory named in the message"));
        SortedMap<String, Path> served = served(serve, functions);
        limits(serve);
        KapacitorConfCheck.Used used = conf(kapacitor, served, functions);
        directory(served);
        sockets(
                used.sockets().isEmpty() ? served : used.sockets(),
                kapacitor,
                !used.sockets().isEmpty());
        if (serve.isPresent() && serve.get().metrics() != null) {
            new StatusCheck(findings, timeout).check(serve.get().metrics());
        }
        Set<String> names = new TreeSet<>(served.keySet());
        names.addAll(used.functions());
        access(serve, served).ifPresent(access -> tasks(access, names));
        print();
        return (findings.isAnyBad() ? ExitStatus.FAILED : ExitStatus.OK).code();
    }

    private void print() {
        PrintStream out = terminal.out();
        for (Findings.Finding finding : findings.all()) {
            out.printf(
                    "%-5s %s: %s%n",
                    finding.level().name().toLowerCase(Locale.ROOT), finding.subject(), finding.text());
            if (!finding.cure().isEmpty()) {
                out.println("      fix: " + finding.cure());
            }
        }
        out.flush();
    }

    private void java() throws IOException {
        findings.ok("java", Runtime.version() + ", " + System.getProperty("java.home"));
        if (System.getProperty(Installation.LAUNCHER_PROPERTY) != null) {
            ProcessBuilder builder = new ProcessBuilder(Installation.launcher());
            builder.environment().put("KAPACITOR_UDF_SHOW_ARCHIVE", "yes");
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            Process process =
                    builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
            process.getOutputStream().close();
            Path archive = Path.of(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
            if (Files.exists(archive)) {
                findings.ok("class-data archive", archive.toString());
            } else {
                findings.warn(
                        "class-data archive",
                        archive + ": none; a process UDF takes three times as long to start",
                        "kapacitor-udf-archive, as the owner of the installation");
            }
        }
        if (!ProcessText.isUtf8()) {
            findings.warn("locale", "no UTF-8: paths must be ASCII", "install a locale such as C.UTF-8");
        }
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        if (Files.isDirectory(temporary) && temporary.toFile().getUsableSpace() < MIN_FREE_BYTES) {
            findings.warn(
                    temporary.toString(), "no space left: Java prints a warning at each start", "free some space");
        }
    }

    private void clock() {
        if (Instant.now().isBefore(EARLIEST)) {
            findings.bad(
                    "clock", Instant.now() + " (expected: the time of day)", "set the clock, or run an NTP client");
        }
    }

    /**
     * Returns the command {@code serve} with the options of the configuration file; empty if there is no valid file.
     */
    private Optional<ServeCommand> serve() {
        Path file = config == null && Files.exists(CONFIG) ? CONFIG : config;
        CommandLine commandLine = KapacitorUdf.commandLine(terminal);
        try {
            if (file == null) {
                return Optional.empty();
            }
            List<Path> typed = PlugInPath.directories();
            PlugInPath.use(List.of());
            new ServeArguments(commandLine, file, new String[] {"serve"}).parse(commandLine);
            LogOptions.reset(terminal);
            if (PlugInPath.directories().isEmpty()) {
                PlugInPath.use(typed.stream().map(Path::toString).toList());
            }
            findings.ok("configuration", file.toString());
            return Optional.of(ServeCommand.in(commandLine));
        } catch (CommandException | ParameterException e) {
            OptionParsing.text(e).lines().forEach(line -> findings.bad("configuration", line, "correct " + file));
            return Optional.empty();
        }
    }

    /**
     * Checks the directories with plug-ins.
     *
     * @param reader the user who must have access to the plug-ins; empty if this is not to be checked
     */
    private void plugIns(Optional<SystemUser> reader) throws IOException {
        for (Path directory : PlugInPath.directories()) {
            try {
                List<PlugIn> plugIns = PlugIn.in(directory);
                findings.ok("plug-ins", directory + ": " + functionsOf(plugIns));
                if (reader.isPresent()) {
                    readable(directory, plugIns, reader.get());
                }
            } catch (UnusableDirectoryException e) {
                findings.bad("plug-ins", e.getMessage(), "follow the message; docs/security.md gives the reason");
            }
        }
        List<Path> usable = PlugInPath.directories().stream()
                .filter(directory -> findings.all().stream()
                        .noneMatch(finding -> finding.level() == Findings.Level.BAD
                                && finding.subject().equals("plug-ins")
                                && finding.text().startsWith(directory.toString())))
                .toList();
        if (usable.size() < PlugInPath.directories().size()) {
            // An empty list would select the directories in the environment variable.
            PlugInPath.use(
                    usable.isEmpty()
                            ? List.of("")
                            : usable.stream().map(Path::toString).toList());
        }
    }

    private static String functionsOf(List<PlugIn> plugIns) {
        Set<String> names = new TreeSet<>();
        for (PlugIn plugIn : plugIns) {
            // The problems are reported later, when all functions are created.
            plugIn.load("", (file, reason, cause) -> {}).forEach(function -> names.add(function.name()));
        }
        return names.isEmpty()
                ? "no functions"
                : names.size() + (names.size() == 1 ? " function: " : " functions: ") + String.join(", ", names);
    }

    private void readable(Path directory, List<PlugIn> plugIns, SystemUser reader) throws IOException {
        List<Path> paths = new ArrayList<>(List.of(directory));
        plugIns.forEach(plugIn -> paths.addAll(plugIn.jars()));
        Set<Path> closed = new TreeSet<>();
        for (Path path : paths) {
            Optional<Path> above = reader.closedOnTheWayTo(path.toRealPath());
            if (above.isPresent()) {
                closed.add(above.get());
            } else if (!reader.mayRead(path)) {
                findings.bad("plug-in", path + ": " + reader.name() + " may not read it", "chmod o+r " + path);
            }
        }
        closed.forEach(path ->
                findings.bad("plug-in", path + ": " + reader.name() + " may not enter it", "chmod o+x " + path));
    }

    private void ignored(String text) {
        String[] parts = text.split(": ", 2);
        findings.bad("plug-in", text, PlugInErrors.cure(parts[0], parts[1]));
    }

    private Optional<SystemUser> kapacitor() throws IOException {
        Optional<SystemUser> found = SystemUser.of(user == null ? "kapacitor" : user);
        if (user != null && found.isEmpty()) {
            findings.bad("user", user + ": no such user", "--user NAME with the user that Kapacitor runs as");
        }
        return found;
    }

    private SortedMap<String, Path> served(Optional<ServeCommand> serve, Functions functions) {
        if (serve.isEmpty()) {
            return SocketPaths.choose(functions.names(), List.of(), dir, Map.of());
        }
        try {
            SortedMap<String, Path> sockets =
                    serve.get().chosen(serve.get().dir()).sockets();
            checkPaths(sockets);
            return sockets;
        } catch (CommandException | ParameterException e) {
            findings.bad("configuration", OptionParsing.text(e), "kapacitor-udf list shows the installed functions");
            return new TreeMap<>();
        }
    }

    private void checkPaths(SortedMap<String, Path> sockets) {
        try {
            SocketPaths.check(sockets);
        } catch (IllegalArgumentException e) {
            findings.bad(
                    "configuration",
                    e.getMessage(),
                    "a path for each function, at most " + SocketFile.MAX_PATH_BYTES + " bytes long");
        }
    }

    private void limits(Optional<ServeCommand> serve) throws IOException {
        Path limits = Path.of("/proc/self/limits");
        if (!Files.isReadable(limits)) {
            findings.warn("/proc", "not mounted: limits cannot be read", "mount it");
            return;
        }
        for (String line : Files.readAllLines(limits)) {
            String soft = line.length() > 46 ? line.substring(26, 46).strip() : "";
            if (!soft.matches("\\d+")) {
                continue;
            }
            long limit = Long.parseLong(soft);
            int files = serve.map(ServeCommand::hostOptions)
                            .orElseGet(HostOptions::defaults)
                            .hostConfig()
                            .maxConnections()
                    + MORE_FILES;
            if (line.startsWith("Max open files") && limit < files) {
                findings.warn(
                        "file descriptors",
                        limit + " (expected: >= " + files + ", which is --max-connections plus " + MORE_FILES + ")",
                        "a higher ulimit -n, or LimitNOFILE= in the unit; or a lower max-connections");
            } else if (line.startsWith("Max processes") && limit < MIN_PROCESSES) {
                findings.warn(
                        "threads",
                        limit + " for all processes of the user (expected: >= " + MIN_PROCESSES + ")",
                        "a higher ulimit -u, or LimitNPROC= in the unit");
            }
        }
        serve.map(ServeCommand::group).ifPresent(group -> {
            try {
                Path.of("/").getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
            } catch (IOException e) {
                findings.bad(
                        "socket-group", group + " (expected: a group of this system)", "groupadd --system " + group);
            }
        });
    }

    private KapacitorConfCheck.Used conf(
            Optional<SystemUser> kapacitor, SortedMap<String, Path> served, Functions functions) {
        Path file = conf == null && Files.exists(CONF) ? CONF : conf;
        return file == null
                ? KapacitorConfCheck.Used.NOTHING
                : KapacitorConfCheck.check(file, findings, kapacitor, functions.names(), served);
    }

    /**
     * Checks whether the server can create its sockets. A missing directory is no problem, because the server or
     * systemd creates it.
     */
    private void directory(SortedMap<String, Path> served) {
        for (Path directory :
                new TreeSet<>(served.values().stream().map(Path::getParent).toList())) {
            if (Files.exists(directory) && !Files.isDirectory(directory)) {
                findings.bad("dir", directory + " (expected: a directory)", "dir = \"/run/kapacitor-udf\"");
            } else if (Files.exists(directory)) {
                fileSystem(directory);
            }
        }
    }

    private void fileSystem(Path directory) {
        try {
            FileStore store = Files.getFileStore(directory);
            if (store.isReadOnly() || store.getUsableSpace() == 0) {
                findings.bad(
                        "dir",
                        directory + ": " + (store.isReadOnly() ? "read-only file system" : "no space left"),
                        "dir on a writable file system with space");
            }
        } catch (IOException e) {
            // The root of a chroot is no mount point, so the JDK does not find the file system.
            findings.warn(
                    "dir",
                    directory + ": its file system cannot be determined: " + e.getMessage(),
                    "check that it is writable and has space");
        }
    }

    /**
     * Checks whether servers listen on the sockets.
     *
     * @param wanted whether Kapacitor connects to these sockets; if not, they are optional
     */
    private void sockets(SortedMap<String, Path> sockets, Optional<SystemUser> kapacitor, boolean wanted)
            throws IOException {
        if (!wanted && sockets.values().stream().noneMatch(Files::exists)) {
            findings.warn(
                    "sockets",
                    "no server is listening here",
                    "kapacitor-udf serve, or systemctl start kapacitor-udf,"
                            + " unless Kapacitor starts the functions as processes");
            return;
        }
        for (Map.Entry<String, Path> socket : sockets.entrySet()) {
            socket(socket.getKey(), socket.getValue(), kapacitor);
        }
    }

    private void socket(String name, Path path, Optional<SystemUser> kapacitor) throws IOException {
        String subject = "socket " + path;
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > SocketFile.MAX_PATH_BYTES) {
            findings.bad(subject, "longer than " + SocketFile.MAX_PATH_BYTES + " bytes", "use a shorter dir");
            return;
        }
        try {
            Ping.of(path, timeout);
        } catch (IOException e) {
            findings.bad(subject, String.valueOf(e.getMessage()).replace(path + ": ", ""), cureOf(path));
            return;
        }
        if (kapacitor.isEmpty()) {
            findings.ok(subject, "an agent answers");
            return;
        }
        SystemUser reader = kapacitor.get();
        Optional<Path> closed = reader.closedOnTheWayTo(path.toRealPath());
        String group = Files.getAttribute(closed.orElse(path), "unix:group").toString();
        if (closed.isPresent()) {
            findings.bad(subject, reader.name() + " may not enter " + closed.get(), "chmod o+x " + closed.get());
        } else if (!reader.mayWrite(path)) {
            findings.bad(
                    subject,
                    reader.name() + " may not connect",
                    "usermod --append --groups " + group + " " + reader.name() + ", then restart Kapacitor");
        } else if (!runningWithin(reader, path)) {
            findings.bad(
                    subject,
                    "kapacitord was started before " + reader.name() + " was in the group " + group,
                    "systemctl restart kapacitor");
        } else {
            findings.ok(subject, "an agent answers, " + reader.name() + " may connect");
        }
    }

    private static String cureOf(Path path) {
        if (!Files.exists(path)) {
            return "kapacitor-udf serve, or systemctl start kapacitor-udf; before Kapacitor";
        }
        return "restart the server: systemctl restart kapacitor-udf; its log gives the reason";
    }

    /**
     * Whether each running kapacitord of a user has permission to connect to a socket. The user alone does not
     * determine this, because a process keeps the groups that its user had when the process was started.
     */
    private static boolean runningWithin(SystemUser user, Path socket) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes
                    .filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList()) {
                Optional<SystemUser> running = running(process, user);
                if (running.isPresent() && !running.get().mayWrite(socket)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Optional<SystemUser> running(Path process, SystemUser user) {
        try {
            if (!Files.readString(process.resolve("comm")).strip().equals("kapacitord")
                    || (int) Files.getAttribute(process, "unix:uid") != user.uid()) {
                return Optional.empty();
            }
            Set<Integer> gids = Files.readAllLines(process.resolve("status")).stream()
                    .filter(line -> line.startsWith("Groups:") || line.startsWith("Gid:"))
                    .flatMap(line ->
                            Stream.of(line.replaceFirst("\\w+:", "").strip().split("\\s+")))
                    .filter(gid -> !gid.isEmpty())
                    .map(Integer::valueOf)
                    .collect(Collectors.toSet());
            return Optional.of(new SystemUser(user.name(), user.uid(), user.gid(), gids));
        } catch (IOException e) {
            return Optional.empty(); // the process has exited
        }
    }

    private Optional<KapacitorAccess> access(Optional<ServeCommand> serve, SortedMap<String, Path> served) {
        if (url != null) {
            KapacitorAccess access = OptionParsing.value(spec, TaskOptions.KAPACITOR, () -> KapacitorAccess.at(url));
            String credentials = ProcessText.environment().getOrDefault(TaskOptions.CREDENTIALS_VARIABLE, "");
            return Optional.of(
                    credentials.isEmpty()
                            ? access
                            : OptionParsing.value(
                                    spec, TaskOptions.CREDENTIALS_VARIABLE, () -> access.withCredentials(credentials)));
        }
        return served.isEmpty()
                ? Optional.empty()
                : serve.flatMap(command -> command.tasks(served)).map(TaskOptions.Chosen::access);
    }

    private void tasks(KapacitorAccess access, Set<String> names) {
        try {
            TaskCheck check = TaskCheck.of(access, names);
            findings.ok("Kapacitor", access + " answers");
            if (check.clockAhead().abs().compareTo(CLOCK_TOLERANCE) > 0) {
                findings.warn(
                        "clock",
                        "Kapacitor's is " + check.clockAhead().toSeconds() + " s ahead of ours",
                        "run an NTP client on both machines");
            }
            for (TaskCheck.UsedIn task : check.tasks()) {
                if (!task.error().isEmpty() || !task.executing()) {
                    findings.bad(
                            "task " + task.id(),
                            task.error().isEmpty() ? "is not running" : task.error(),
                            TaskErrors.cure(task.error()) + "; then: kapacitor reload " + task.id());
                } else {
                    findings.ok("task " + task.id(), "runs");
                }
            }
        } catch (IOException e) {
            findings.bad("Kapacitor", e.getMessage(), "start Kapacitor, or correct --kapacitor and the credentials");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
