package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.server.command.KapacitorUdf;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every option that takes a number, a size or a duration, in every command. */
@Tag("one-jdk")
@Timeout(600)
class OptionBoundsTest {
    static final Set<String> MEASURES = Set.of("BYTES", "COUNT", "DURATION", "POINTS", "NUMBER");

    private static final List<String> NONE = List.of("x", "-1", "", "9".repeat(400));

    /** The required other arguments of a command; none of them exists. */
    private static final Map<String, List<String>> REST = Map.of(
            "run", List.of("mirror"),
            "serve", List.of("mirror", "--kapacitor", "http://127.0.0.1:1", "--metrics", "0"),
            "call", List.of("mirror", "/nowhere/file"),
            "tasks", List.of("--kapacitor", "http://127.0.0.1:1"),
            "bench", List.of("socket:/nowhere/s"),
            "check", List.of("--socket", "/nowhere/s"),
            "ping", List.of("/nowhere/s"),
            "record", List.of("--", "/nowhere/agent"),
            "replay", List.of("/nowhere/file", "--socket", "/nowhere/s"),
            "snapshot show", List.of("/nowhere/file"));

    static Stream<Arguments> whatIsNone() {
        Terminal terminal = new Terminal(new ByteArrayOutputStream(), new ByteArrayOutputStream(), "", false);
        return measures("", KapacitorUdf.commandLine(terminal))
                .flatMap(option -> NONE.stream().map(value -> Arguments.of(option[0], option[1], value)));
    }

    /** Each command, with each of its options that takes a number. */
    static Stream<String[]> measures(String path, CommandLine command) {
        Stream<String[]> own = REST.containsKey(path)
                ? command.getCommandSpec().options().stream()
                        .filter(option -> MEASURES.contains(option.paramLabel()))
                        .map(OptionSpec::longestName)
                        .map(name -> new String[] {path, name})
                : Stream.empty();
        return Stream.concat(
                own,
                command.getSubcommands().entrySet().stream()
                        .flatMap(sub -> measures((path + " " + sub.getKey()).strip(), sub.getValue())));
    }

    @ParameterizedTest
    @MethodSource("whatIsNone")
    void whatIsNoMeasureIsRefusedWithTheNameOfTheOption(String command, String option, String value) {
        List<String> line = new ArrayList<>(List.of(command.split(" ")));
        line.add(option + "=" + value);
        line.addAll(REST.get(command));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status =
                Main.execute(new Terminal(new ByteArrayOutputStream(), err, "", false), line.toArray(String[]::new));
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains(option.equals("--batches") ? "batch" : option.substring(2))
                .contains("(expected: ");
        assertThat(status).isEqualTo(ExitStatus.USAGE.code());
    }
}
