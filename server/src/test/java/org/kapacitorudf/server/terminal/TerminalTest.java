package org.kapacitorudf.server.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final Terminal terminal = new Terminal(new ByteArrayOutputStream(), stderr, "", false);

    @Test
    void aFunctionThatClosesAWriterOnStandardErrorDoesNotEndTheLog() {
        try (PrintWriter writer = new PrintWriter(terminal.err(), false, StandardCharsets.UTF_8)) {
            writer.print("a function's\n");
        }
        terminal.err().println("the log's");
        assertThat(stderr.toString(StandardCharsets.UTF_8)).isEqualTo("a function's\nthe log's\n");
    }
}
