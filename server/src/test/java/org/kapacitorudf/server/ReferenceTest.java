package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.server.command.KapacitorUdf;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine;

/**
 * docs/reference.md and ops/kapacitor-udf.toml agree with the code; {@code -Dudf.write=true}, which
 * {@code scripts/reference} sets, writes them.
 */
@Tag("one-jdk")
class ReferenceTest {
    private static final Path SCRIPTS = Path.of(System.getProperty("kapacitor-udf.scripts"));

    @Test
    void theReferenceIsWhatTheCodeGenerates() throws IOException {
        isGenerated(
                "docs/reference.md", Reference.of(commandLine(), Files.readString(SCRIPTS.resolve("kapacitor-udf"))));
    }

    @Test
    void theConfigurationFileIsWhatTheCodeGenerates() throws IOException {
        isGenerated("ops/kapacitor-udf.toml", ConfigTemplate.of(commandLine()));
    }

    private static CommandLine commandLine() {
        return KapacitorUdf.commandLine(
                new Terminal(new ByteArrayOutputStream(), new ByteArrayOutputStream(), "", false));
    }

    private static void isGenerated(String name, String generated) throws IOException {
        Path file = SCRIPTS.resolveSibling(name);
        if (Boolean.getBoolean("udf.write")) {
            Files.writeString(file, generated);
        }
        String expected = name + " (expected: what the code generates; to rewrite it: scripts/reference)";
        assertThat(file).as(expected).exists();
        assertThat(Files.readString(file)).as(expected).isEqualTo(generated);
    }
}
