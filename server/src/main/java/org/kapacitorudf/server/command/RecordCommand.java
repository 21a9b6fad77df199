package org.kapacitorudf.server.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.kapacitorudf.internal.channel.SocketFile;
import org.kapacitorudf.server.options.Converters;
import org.kapacitorudf.server.options.Quantities;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Signals;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.tools.recording.RecordedProcess;
import org.kapacitorudf.tools.recording.Recorder;
import org.kapacitorudf.tools.recording.RecordingProxy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code record}: records the messages between Kapacitor and an agent. */
@Command(
        name = "record",
        sortOptions = false,
        description = {
            "Records the messages between Kapacitor and any agent in a file.",
            "Messages are forwarded unchanged, and recording never blocks them: if the file cannot be written, recording ends with a warning, and the "
                    + "session continues.",
            "Existing files are not overwritten: a number is added to the name. show and replay read recordings: docs/recording.md."
        },
        footerHeading = "%nFor example, in kapacitor.conf, instead of prog = \"/opt/agent\", args = [\"-x\"]:%n",
        footer = {
            "  prog = \"/opt/kapacitor-udf/bin/kapacitor-udf\"",
            "  args = [\"record\", \"--out\", \"/var/tmp/agent.udfrec\", \"--\", \"/opt/agent\", \"-x\"]",
            "or, for an agent that listens at /run/agent.sock, with /run/recorded.sock in kapacitor.conf:",
            "  kapacitor-udf record --socket /run/recorded.sock --to /run/agent.sock"
        })
final class RecordCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String SUFFIX = ".udfrec";
    private static final Duration WRITE_LIMIT = Duration.ofSeconds(2);

    private final Terminal terminal;
    private CommandSpec spec;

    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..*",
            description = "The agent and its arguments, if Kapacitor starts it.")
    private List<String> command = List.of();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The recording, a name that ends in .udfrec, or an existing directory for it. "
                    + "Default: AGENT-TIME.udfrec, in the working directory.")
    private Path out = Path.of("");

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Listens here, for an agent that listens on a socket; each connection gets its own file.")
    private Path socket;

    @Option(names = "--to", paramLabel = "PATH", description = "The agent's socket.")
    private Path target;

    @Option(
            names = "--socket-mode",
            paramLabel = "MODE",
            defaultValue = "0660",
            description = "The socket's permissions, which decide who may connect. Default: ${DEFAULT-VALUE}.")
    private String mode;

    @Option(
            names = "--grace",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "How long connections may take to end after SIGTERM or SIGINT. Default: ${DEFAULT-VALUE}.")
    private Duration grace;

    @Option(
            names = "--max-bytes",
            defaultValue = "256MiB",
            paramLabel = "BYTES",
            converter = Converters.Bytes.class,
            description =
                    "The maximum size of a recording; after that only the session continues. Default: ${DEFAULT-VALUE}.")
    private long maxBytes;

    RecordCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
        // All arguments after the agent's name belong to the agent.
        spec.parser().stopAtPositional(true);
    }

    @Override
    public Integer call() throws InterruptedException {
        boolean isSocket = socket != null || target != null;
        if (isSocket == !command.isEmpty() || isSocket && (socket == null || target == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "subject: " + (command.isEmpty() ? "missing" : "a command and a socket")
                            + " (expected: a command, or --socket and --to)");
        }
        if (!Files.isDirectory(out.toAbsolutePath()) && !out.toString().endsWith(SUFFIX)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--out: " + out + " (expected: a directory that exists, or a file that ends in " + SUFFIX + ")");
        }
        return isSocket ? recordSocket(grace) : recordProcess();
    }

    private int recordProcess() throws InterruptedException {
        Recorder recorder = record(Path.of(command.get(0)).getFileName().toString(), String.join(" ", command));
        RecordedProcess process;
        try {
            process = RecordedProcess.start(command, recorder);
        } catch (IOException e) {
            recorder.close("the agent could not be started", WRITE_LIMIT);
            throw new CommandException(ExitStatus.FAILED, e.getMessage());
        }
        // These signals are ignored here, because a terminal sends them to the agent as well.
        Signals.handle(List.of("INT", "HUP"), () -> {});
        Signals.handle(List.of("TERM"), process::terminate);
        int status = process.converse();
        recorder.close("exit status " + status, WRITE_LIMIT);
        return status;
    }

    private int recordSocket(Duration limit) throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        Signals.handle(asked::countDown);
        String name = target.getFileName().toString().replaceFirst("\\.sock$", "");
        try (RecordingProxy proxy =
                RecordingProxy.listen(socketFile(), target, about -> record(name, about), this::warn)) {
            terminal.out().println(socket + ": listening, for " + target);
            asked.await();
            proxy.close();
            if (!proxy.awaitConnections(limit)) {
                warn("connections did not end within " + Quantities.duration(limit));
            }
        } catch (IOException e) {
            throw new CommandException(ExitStatus.CANNOT_LISTEN, e.getMessage());
        }
        return ExitStatus.OK.code();
    }

    private SocketFile socketFile() {
        try {
            return SocketFile.at(socket.toAbsolutePath()).withMode(mode);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private Recorder record(String name, String about) {
        Path file = out.toAbsolutePath();
        if (Files.isDirectory(file)) {
            file = file.resolve(name + "-" + TIME.format(Instant.now()) + SUFFIX);
        }
        Recorder recorder = Recorder.start(file, about, maxBytes, this::warn);
        if (recorder.hasFile()) {
            terminal.say("kapacitor-udf: recording to " + recorder.file());
        }
        return recorder;
    }

    private void warn(String text) {
        terminal.say("kapacitor-udf: " + text);
    }
}
