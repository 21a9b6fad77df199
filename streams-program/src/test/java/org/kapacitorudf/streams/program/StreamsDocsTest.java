package org.kapacitorudf.streams.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.server.options.Quantities;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.streams.UdfTopology;
import picocli.CommandLine.Model.OptionSpec;

/** The documents about Kafka Streams: tests and options in them exist, and the example compiles. */
@Tag("one-jdk")
final class StreamsDocsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+Test)\\.(\\w+)`");
    private static final Pattern OPTION = Pattern.compile("`(--[a-z-]+)");

    private static String document(String name) throws IOException {
        return Files.readString(ROOT.resolve("docs").resolve(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scale.md", "streams.md"})
    void eachTestThatADocumentNamesExists(String name) throws IOException {
        List<MatchResult> named = TEST.matcher(document(name)).results().toList();
        assertThat(named).isNotEmpty();
        for (MatchResult test : named) {
            assertThat(source(test.group(1))).as(test.group()).contains(" " + test.group(2) + "(");
        }
    }

    private static String source(String testClass) throws IOException {
        for (String module : List.of("streams", "streams-program")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test"))) {
                for (Path file :
                        files.filter(path -> path.endsWith(testClass + ".java")).toList()) {
                    return Files.readString(file);
                }
            }
        }
        throw new AssertionError(testClass + " (expected: a test of streams or streams-program)");
    }

    @Test
    void theExampleIsTheOneThatCompiles() throws IOException {
        String document = document("streams.md");
        String example = document.substring(document.indexOf("~~~java\n") + 8, document.lastIndexOf("~~~"));
        assertThat(Files.readString(Path.of("src/test/java/org/kapacitorudf/streams/program/TenLines.java")))
                .contains(example.indent(8));
    }

    @Test
    void theDefaultsOfTheLimitsAreThoseOfTheProgram() throws IOException {
        assertThat(document("streams.md"))
                .contains("| `--max-open-points` | " + UdfTopology.DEFAULT_MAX_OPEN_POINTS + " |")
                .contains("| `--max-value-bytes` | " + UdfTopology.DEFAULT_MAX_VALUE_BYTES + " |")
                .contains("| `--max-unwritten-groups` | " + UdfTopology.DEFAULT_MAX_UNWRITTEN_GROUPS + " |")
                .contains("| `--max-unwritten-bytes` | " + Quantities.bytes(UdfTopology.DEFAULT_MAX_UNWRITTEN_BYTES)
                        + " |")
                .contains("| `--max-line-bytes` | " + Quantities.bytes(UdfTopology.DEFAULT_MAX_LINE_BYTES) + " |");
    }

    @Test
    void eachOptionThatStreamsMdNamesExists() throws IOException {
        Terminal terminal = new Terminal(new ByteArrayOutputStream(), new ByteArrayOutputStream(), "", false);
        List<String> options = StreamsCommand.commandLine(terminal).getCommandSpec().options().stream()
                .map(OptionSpec::longestName)
                .toList();
        // call --save-state belongs to another program.
        assertThat(OPTION.matcher(document("streams.md").replace("call --save-state", ""))
                        .results()
                        .map(match -> match.group(1)))
                .isNotEmpty()
                .isSubsetOf(options);
    }
}
