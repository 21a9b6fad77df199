package org.kapacitorudf.server.command;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.kapacitorudf.server.options.Converters;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.tools.load.Bench;
import org.kapacitorudf.tools.load.LoadException;
import org.kapacitorudf.tools.load.LoadPlan;
import org.kapacitorudf.tools.load.LoadReport;
import org.kapacitorudf.tools.load.Measure;
import org.kapacitorudf.tools.load.Subject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench}: measures functions and other agents under load. */
@Command(
        name = "bench",
        sortOptions = false,
        description = {
            "Measures a function or any agent under load: this command plays Kapacitor and counts the results.",
            "SUBJECT is one of",
            "  mirror             an installed function, served on a socket",
            "  run:mirror         the same as a process, with pipes",
            "  socket:/tmp/m.sock an agent that already listens",
            "  cmd:./agent -x     a process, started for each connection",
            "  listen:./agent -socket {socket}",
            "                     an agent that listens after it has been started",
            "With --compare, several subjects take turns, run by run, so that noise affects all of them. A raw byte echo is measured "
                    + "as well: nothing on a JVM can be faster.",
            "CPU time of agent and client (µs per point) is as counted by the system. Client and agent share the processors."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf bench mirror",
            "  kapacitor-udf bench movingAvg --option field=usage_user --option size=10",
            "  kapacitor-udf bench mirror --measure latency --compare go=socket:/tmp/go.sock",
            "  kapacitor-udf bench run:mirror --measure start --runs 20",
            "  kapacitor-udf bench mirror --measure idle --connections 1000 --runs 1",
            "The points have the tags host, region, rack, cpu, the doubles usage_user, usage_system, usage_idle,",
            "the int processes and the string state."
        })
final class BenchCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "SUBJECT", description = "The agent to measure.")
    private String subject;

    @Option(
            names = "--compare",
            paramLabel = "[NAME=]SUBJECT",
            description = "Another agent to measure in turn; ratios are relative to the first. Can be repeated.")
    private List<String> compared = List.of();

    @Option(
            names = "--measure",
            paramLabel = "WHAT",
            defaultValue = "throughput",
            description =
                    "throughput, latency (one point at a time), start (time of a process to answer Info), idle (memory). "
                            + "Default: ${DEFAULT-VALUE}.")
    private Measure measure;

    @Option(
            names = "--connections",
            paramLabel = "COUNT",
            description = "Number of connections, or of processes. Default: 1.")
    private Integer connections;

    @Option(
            names = "--batches",
            paramLabel = "POINTS",
            description = "Sends batches of this many points instead of a stream.")
    private Integer batchPoints;

    @Option(names = "--groups", paramLabel = "COUNT", description = "Number of groups. Default: 100.")
    private Integer groups;

    @Option(
            names = "--two-writes",
            description = "Writes as Kapacitor does: first the length of a message, then the message.")
    private boolean twoWrites;

    private CommandSpec spec;

    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            description = "An option of the function; separate several arguments by commas. Can be repeated.")
    private List<String> options = List.of();

    @Option(
            names = "--answers",
            paramLabel = "all|any",
            description =
                    "all: each point must produce one result, which is checked. any: fewer or more; a snapshot marks the end. "
                            + "Default: all.")
    private String answers = "all";

    @Option(
            names = "--runs",
            paramLabel = "COUNT",
            description = "Number of runs; the figures are medians. Default: 5.")
    private Integer runs;

    @Option(names = "--no-echo", description = "Omits the raw echo.")
    private boolean noEcho;

    @Option(names = "--json", description = "Prints all figures of all runs as JSON.")
    private boolean json;

    @Option(
            names = "--chunk",
            paramLabel = "BYTES",
            converter = Converters.ArrayBytes.class,
            description = "Size of one write. Default: 64KiB.")
    private Integer chunkBytes;

    @Option(
            names = "--send-buffer",
            paramLabel = "BYTES",
            converter = Converters.ArrayBytes.class,
            description = "Size of the system's buffer for each socket. Default: the system's default.")
    private Integer sendBufferBytes;

    @Option(
            names = "--keepalive",
            paramLabel = "DURATION",
            description = "Interval of keepalive requests per connection under load; 0s for none. Default: 100ms.")
    private Duration keepalive;

    @Option(names = "--warm-up", paramLabel = "DURATION", description = "Duration of the warm-up. Default: 3s.")
    private Duration warmUp;

    @Option(names = "--duration", paramLabel = "DURATION", description = "Duration of a run. Default: 2s.")
    private Duration duration;

    @Option(
            names = "--start-limit",
            paramLabel = "DURATION",
            description = "How long an agent that listens may take to start. Default: 2m.")
    private Duration startLimit;

    BenchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
    }

    @Override
    public Integer call() {
        LoadPlan plan;
        List<Subject> subjects = new ArrayList<>();
        try {
            plan = plan();
            subjects.add(SubjectParser.parse(subject));
            compared.forEach(text -> subjects.add(SubjectParser.parse(text)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        ProgressLine progress = new ProgressLine(terminal);
        AtomicBoolean ending = new AtomicBoolean();
        try (Bench bench = new Bench(plan, subjects, progress)) {
            Thread atExit = new Thread(() -> {
                ending.set(true);
                progress.clear();
                bench.close();
            });
            Runtime.getRuntime().addShutdownHook(atExit);
            LoadReport report = bench.run();
            progress.clear();
            PrintStream out = terminal.out();
            out.print(json ? report.json() : report.table());
            out.flush();
            return ExitStatus.OK.code();
        } catch (LoadException e) {
            progress.clear();
            if (ending.get()) {
                return ExitStatus.OK.code();
            }
            throw new CommandException(ExitStatus.FAILED, e.getMessage());
        }
    }

    private LoadPlan plan() {
        LoadPlan plan = LoadPlan.of(measure);
        plan = connections == null ? plan : plan.withConnections(connections);
        plan = batchPoints == null ? plan : plan.withBatchPoints(batchPoints);
        plan = groups == null ? plan : plan.withGroups(groups);
        plan = chunkBytes == null ? plan : plan.withChunkBytes(chunkBytes);
        plan = twoWrites ? plan.withTwoWrites() : plan;
        plan = sendBufferBytes == null ? plan : plan.withSendBufferBytes(sendBufferBytes);
        plan = keepalive == null ? plan : plan.withKeepaliveEvery(keepalive);
        plan = warmUp == null ? plan : plan.withWarmUp(warmUp);
        plan = duration == null ? plan : plan.withDuration(duration);
        plan = startLimit == null ? plan : plan.withStartLimit(startLimit);
        plan = runs == null ? plan : plan.withRuns(runs);
        if (!answers.equals("all") && !answers.equals("any")) {
            throw new IllegalArgumentException("--answers: " + answers + " (expected: all|any)");
        }
        return plan.withOptions(options).withAllReturn(answers.equals("all")).withEcho(!noEcho);
    }
}
