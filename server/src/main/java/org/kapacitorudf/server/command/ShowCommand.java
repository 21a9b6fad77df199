package org.kapacitorudf.server.command;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.internal.codec.MessageText;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.tools.recording.EntryKind;
import org.kapacitorudf.tools.recording.RecordedConversation;
import org.kapacitorudf.tools.recording.RecordingEntry;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code show FILE}: prints a recording as text. */
@Command(
        name = "show",
        sortOptions = false,
        description = {
            "Shows a recording as text, one line per message: seconds since the start; > for messages from Kapacitor, < for messages from the agent.",
            "A recording can be shown while it is being written. It contains secret options in clear text, and they are shown."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf show agent.udfrec",
            "  kapacitor-udf show agent.udfrec --lines",
            "  kapacitor-udf show traces/movingAvg-2.timeline    with .requests and .responses in the same directory"
        })
final class ShowCommand implements Callable<Integer> {
    private static final int MAX_CHARACTERS = 2000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Terminal terminal;

    @Parameters(paramLabel = "FILE", description = "The recording.")
    private Path file;

    @Option(names = "--full", description = "Does not cut messages. Default: cut at 2000 characters.")
    private boolean full;

    @ArgGroup
    private Lines lines;

    private static final class Lines {
        @Option(names = "--lines", description = "Shows the points that Kapacitor sent, in line protocol.")
        private boolean sent;

        @Option(names = "--answer-lines", description = "Shows the points that the agent sent, in line protocol.")
        private boolean answered;
    }

    ShowCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        PrintStream out =
                new PrintStream(new BufferedOutputStream(terminal.out(), 1 << 16), false, StandardCharsets.UTF_8);
        try (RecordedConversation conversation = RecordedConversation.open(file)) {
            try {
                if (lines == null) {
                    showMessages(conversation, out);
                } else {
                    showLines(conversation, lines.sent ? EntryKind.REQUEST : EntryKind.RESPONSE, out);
                }
            } finally {
                out.flush();
            }
            for (String note : conversation.notes()) {
                terminal.say("kapacitor-udf: " + file + ": " + note);
            }
            return ExitStatus.OK.code();
        } catch (IOException e) {
            throw new CommandException(ExitStatus.FAILED, e.getMessage());
        }
    }

    private void showMessages(RecordedConversation conversation, PrintStream out) throws IOException {
        int limit = full ? Integer.MAX_VALUE : MAX_CHARACTERS;
        for (RecordingEntry next = conversation.next(); next != null; next = conversation.next()) {
            String text = switch (next.kind()) {
                case START -> "recorded " + next.text();
                case REQUEST -> "> " + MessageText.ofRequest(next.bytes(), limit, Set.of());
                case RESPONSE -> "< " + MessageText.ofResponse(next.bytes(), limit);
                case REQUESTS_END -> "> end of the input";
                case RESPONSES_END -> "< end of the output";
                case END -> next.text();
            };
            out.printf(Locale.ROOT, "%11.6f %s%n", next.nanos() / NANOS_PER_SECOND, text);
        }
    }

    private static void showLines(RecordedConversation conversation, EntryKind wanted, PrintStream out)
            throws IOException {
        String batchName = "";
        for (RecordingEntry next = conversation.next(); next != null; next = conversation.next()) {
            if (next.kind() == wanted) {
                Request data = data(next);
                switch (data.getMessageCase()) {
                    case BEGIN -> batchName = data.getBegin().getName();
                    case END -> batchName = "";
                    case POINT -> out.println(LineProtocol.format(named(data.getPoint(), batchName)));
                    default -> {}
                }
            }
        }
    }

    /**
     * Returns a message as a request. A response with data is converted to a request with the same data. A response
     * without data or an invalid message is converted to an empty request.
     */
    private static Request data(RecordingEntry entry) {
        try {
            if (entry.kind() == EntryKind.REQUEST) {
                return Request.parseFrom(entry.bytes());
            }
            Response response = Response.parseFrom(entry.bytes());
            return switch (response.getMessageCase()) {
                case BEGIN -> Request.newBuilder().setBegin(response.getBegin()).build();
                case POINT -> Request.newBuilder().setPoint(response.getPoint()).build();
                case END -> Request.newBuilder().setEnd(response.getEnd()).build();
                default -> Request.getDefaultInstance();
            };
        } catch (InvalidProtocolBufferException e) {
            return Request.getDefaultInstance();
        }
    }

    private static Point named(Point point, String batchName) {
        return batchName.isEmpty()
                ? point
                : point.toBuilder().setName(batchName).build();
    }
}
