package org.kapacitorudf.server.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    /** A title, a cleared screen in both encodings, a return, a bell, a deleted character; and harmless characters. */
    private static final String HOSTILE = "a\u001b]0;t\u0007\u001b[2J\u009b2J\r\b\u007f\u0000\u00c2\u00a0é€😀\t\n";

    private static final String SHOWN =
            "a\\u001b]0;t\\u0007\\u001b[2J\\u009b2J\\u000d\\u0008\\u007f\\u0000\u00c2\u00a0é€😀\t\n";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100})
    void aControlCharacterIsShownHoweverTheBytesAreCut(int pieceBytes) throws IOException {
        OutputStream printable = new Printable(out);
        byte[] bytes = HOSTILE.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; from += pieceBytes) {
            printable.write(bytes, from, Math.min(pieceBytes, bytes.length - from));
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(SHOWN);
        assertThat(Printable.text(HOSTILE)).isEqualTo(SHOWN);
    }

    @Test
    void aTerminalIsGivenNoControlCharactersAndAPipeWhatThereIs() {
        new Terminal(out, err, "1", true).out().print(HOSTILE);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(SHOWN);
        out.reset();
        new Terminal(out, err, "02", true).out().print(HOSTILE);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(HOSTILE);
    }

    @Test
    void whatIsSaidOnStderrHasNoControlCharactersWhereverThatLeads() {
        new Terminal(out, err, "", true).say("skipped: " + HOSTILE.strip());
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("skipped: " + SHOWN.strip() + "\n");
    }
}
