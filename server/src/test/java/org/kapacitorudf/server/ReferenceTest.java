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

/** docs/reference.md is what the code generates; {@code -Dudf.write=true}, which {@code scripts/reference} sets, writes it. */
@Tag("one-jdk")
class ReferenceTest {
    private static final Path SCRIPTS = Path.of(System.getProperty("kapacitor-udf.scripts"));

    @Test
    void theReferenceIsWhatTheCodeGenerates() throws IOException {
        Terminal terminal = new Terminal(new ByteArrayOutputStream(), new ByteArrayOutputStream(), "", false);
        String generated =
                Reference.of(KapacitorUdf.commandLine(terminal), Files.readString(SCRIPTS.resolve("kapacitor-udf")));
        Path file = SCRIPTS.resolveSibling("docs").resolve("reference.md");
        if (Boolean.getBoolean("udf.write")) {
            Files.writeString(file, generated);
        }
        assertThat(file)
                .as("docs/reference.md (expected: what the code generates; to rewrite it: scripts/reference)")
                .exists();
        assertThat(Files.readString(file))
                .as("docs/reference.md (expected: what the code generates; to rewrite it: scripts/reference)")
                .isEqualTo(generated);
    }
}
