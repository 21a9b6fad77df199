package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.server.command.KapacitorUdf;
import org.kapacitorudf.server.options.AgentOption;
import org.kapacitorudf.server.terminal.Terminal;

/** docs/limits.md and docs/security.md agree with the code. */
@Tag("one-jdk")
class LimitsTest {
    private static final Path ROOT = Path.of(System.getProperty("kapacitor-udf.scripts"), "..");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|Contract))\\.(\\w+)`");
    private static final Pattern CONSTANT = Pattern.compile("`(\\w+)\\.([A-Z_]+)`");

    private final String limits = read("docs/limits.md");

    private static String read(String file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The text of all sources, by the name of their file. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        for (String module :
                List.of("agent", "kapacitor-client", "testkit", "tools", "it", "server", "testing-internal")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(".java")).toList()) {
                    sources.merge(
                            file.getFileName().toString().replace(".java", ""), Files.readString(file), String::concat);
                }
            }
        }
        return sources;
    }

    private Stream<String> rows() {
        return limits.lines().filter(line -> line.startsWith("| `"));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"ON_ERROR", "ON_BAD_SNAPSHOT", "SEED_DIR", "NON_FINITE"})
    void everyPartOfTheConfigurationIsThereWithItsDefault(AgentOption agentOption) {
        String value = agentOption == AgentOption.TOTAL_READ_AHEAD_BYTES
                ? "a quarter of the heap"
                : agentOption.show(AgentConfig.defaults());
        assertThat(rows()).anyMatch(row -> row.startsWith("| `" + agentOption.option() + "` | " + value + " |"));
    }

    @Test
    void everyOptionThatIsAMeasureIsThere() {
        Terminal terminal = new Terminal(new ByteArrayOutputStream(), new ByteArrayOutputStream(), "", false);
        assertThat(OptionBoundsTest.measures("", KapacitorUdf.commandLine(terminal))
                        .map(option -> option[1]))
                .hasSizeGreaterThan(50)
                .allSatisfy(option -> assertThat(limits).containsPattern("[` ]" + option + "`"));
    }

    @Test
    void everyLimitHasATest() {
        assertThat(rows())
                .hasSizeGreaterThan(40)
                .allSatisfy(row -> assertThat(row).containsPattern(TEST));
    }

    @Test
    void everyConstantExists() throws IOException {
        Map<String, String> sources = sources();
        assertThat(CONSTANT.matcher(limits).results())
                .hasSizeGreaterThan(15)
                .allSatisfy(constant -> assertThat(sources.get(constant.group(1)))
                        .containsPattern("static final \\w+ " + constant.group(2) + " ="));
    }

    @Test
    void everyLibraryIsJustifiedInTheVersionThatIsUsed() {
        assertThat(Pattern.compile("<(?!maven-)([a-z0-9]+)\\.version>([^$<]+)<")
                        .matcher(read("pom.xml"))
                        .results())
                .hasSizeGreaterThan(10)
                .allSatisfy(library -> assertThat(read("docs/security.md").toLowerCase(Locale.ROOT))
                        .containsPattern("(?m)^\\| [^|]*" + library.group(1) + "[^|]* \\| "
                                + Pattern.quote(library.group(2).toLowerCase(Locale.ROOT)) + " \\|"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/limits.md", "docs/tests.md"})
    void theTestsThatADocumentNamesExist(String document) throws IOException {
        Map<String, String> sources = sources();
        List<MatchResult> tests = TEST.matcher(read(document)).results().toList();
        assertThat(tests)
                .hasSizeGreaterThan(30)
                .allSatisfy(test -> assertThat(sources.getOrDefault(test.group(1), ""))
                        .as(test.group())
                        .contains(" void " + test.group(2) + "("));
    }
}
