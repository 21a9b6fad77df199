package org.kapacitorudf.server.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.internal.snapshot.SnapshotFile;
import org.kapacitorudf.internal.snapshot.SnapshotView;
import org.kapacitorudf.server.options.Converters;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snapshot show FILE}: prints a snapshot as JSON, or lists the snapshots in a file. */
@Command(
        name = "show",
        sortOptions = false,
        description = {
            "Shows a snapshot as JSON; the function need not be installed.",
            "If the file is not a snapshot itself, the snapshots in it are listed, for example those in Kapacitor's kapacitor.db, "
                    + "which also contains old ones that are no longer used."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf snapshot show movingAvg.snapshot",
            "  kapacitor-udf snapshot show /var/lib/kapacitor/kapacitor.db",
            "  kapacitor-udf snapshot show /var/lib/kapacitor/kapacitor.db cpu",
            "  kapacitor-udf snapshot show /var/lib/kapacitor/kapacitor.db --offset 32853 --all"
        })
final class SnapshotShowCommand implements Callable<Integer> {
    private static final String STDIN = "-";

    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "FILE", description = "The file; - for STDIN.")
    private String file;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TASK",
            description =
                    "The task in Kapacitor's database whose snapshot is shown, or TASK/NODE; if several nodes have a snapshot, they are listed.")
    private String task;

    @Option(names = "--all", description = "Shows all groups.")
    private boolean all;

    @Option(
            names = "--offset",
            paramLabel = "OFFSET",
            converter = Converters.ArrayBytes.class,
            description = "Shows the snapshot at this byte offset.")
    private Integer offset;

    @Option(
            names = "--groups",
            defaultValue = "20",
            paramLabel = "COUNT",
            converter = Converters.Count.class,
            description = "The maximum number of groups shown for each state. Default: ${DEFAULT-VALUE}.")
    private int maxGroups;

    @Option(
            names = "--max-snapshot-bytes",
            defaultValue = "64MiB",
            paramLabel = "BYTES",
            converter = Converters.ArrayBytes.class,
            description = "The maximum size of a snapshot after decompression. Default: ${DEFAULT-VALUE}.")
    private int maxBytes;

    SnapshotShowCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ByteBuffer content = content();
        SnapshotFile snapshots = new SnapshotFile(content, maxBytes);
        try {
            if (task != null) {
                showTask(content, snapshots);
            } else if (offset != null) {
                show(snapshots.at(offset));
            } else if (snapshots.isSnapshot()) {
                show(snapshots.whole());
            } else {
                list(snapshots.all());
            }
        } catch (SnapshotException e) {
            throw failed(e.getMessage());
        }
        return ExitStatus.OK.code();
    }

    private void showTask(ByteBuffer content, SnapshotFile snapshots) {
        if (offset != null) {
            throw failed("a task and --offset (expected: one of them)");
        }
        List<TaskSnapshots.Kept> all = TaskSnapshots.in(content, maxBytes);
        List<TaskSnapshots.Kept> kept = all.stream()
                .filter(each -> task.equals(each.task()) || task.equals(each.task() + "/" + each.node()))
                .toList();
        if (kept.isEmpty()) {
            String others =
                    all.stream().map(each -> each.task() + "/" + each.node()).collect(Collectors.joining(", "));
            throw failed("task: " + task + ", without a snapshot of a function (expected: "
                    + (others.isEmpty() ? "one with a snapshot, and there is none" : "one of " + others) + ")");
        }
        if (kept.size() == 1) {
            show(snapshots.at(kept.get(0).offset()));
            return;
        }
        PrintStream out = terminal.out();
        out.printf("%12s %12s %8s  %s%n", "offset", "bytes", "version", "task/node");
        for (TaskSnapshots.Kept each : kept) {
            boolean readable = each.snapshot().problem().isEmpty();
            out.printf(
                    "%12d %12d %8s  %s%n",
                    each.offset(),
                    each.snapshot().bytes(),
                    readable ? each.snapshot().version() : "?",
                    each.task() + "/" + each.node()
                            + (readable ? "" : ": " + each.snapshot().problem()));
        }
        out.flush();
    }

    private void show(SnapshotView view) {
        PrintStream out = terminal.out();
        view.writeJson(out, all ? Integer.MAX_VALUE : maxGroups);
        out.flush();
    }

    private void list(List<SnapshotFile.Found> found) {
        if (found.isEmpty()) {
            throw failed("no snapshot (expected: \"KUDF\" somewhere, and a correct checksum)");
        }
        PrintStream out = terminal.out();
        out.printf("%12s %12s %8s  %s%n", "offset", "bytes", "version", "function");
        for (SnapshotFile.Found each : found) {
            boolean readable = each.problem().isEmpty();
            out.printf(
                    "%12d %12d %8s  %s%n",
                    each.offset(),
                    each.bytes(),
                    readable ? each.version() : "?",
                    readable ? each.udf() : each.problem());
        }
        out.flush();
    }

    private ByteBuffer content() {
        try {
            return file.equals(STDIN) ? read(System.in) : map(Path.of(file));
        } catch (InvalidPathException | IOException e) {
            throw failed("cannot be read: " + e + " (expected: a file)");
        }
    }

    /** Maps the file, because kapacitor.db can be larger than the heap. */
    private ByteBuffer map(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw failed("no such file (expected: a snapshot, or a file that contains some)");
        }
        if (!Files.isRegularFile(path)) {
            throw failed("not a regular file (expected: a file, or - for STDIN)");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw failed(channel.size() + " bytes (expected: <= " + Integer.MAX_VALUE + ")");
            }
            return channel.map(MapMode.READ_ONLY, 0, channel.size());
        }
    }

    private ByteBuffer read(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(maxBytes);
        if (bytes.length == maxBytes && in.read() >= 0) {
            throw failed(
                    "more than " + maxBytes + " bytes (expected: at most this many on STDIN; a file can be larger)");
        }
        return ByteBuffer.wrap(bytes);
    }

    private CommandException failed(String problem) {
        return new CommandException(ExitStatus.FAILED, file + ": " + problem);
    }
}
