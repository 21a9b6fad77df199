package org.kapacitorudf.server.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LineLimitTest {
    private static final int LIMIT = 64;
    private static final int KEPT = LIMIT - 40;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final LineLimit lines = new LineLimit(out);

    @BeforeEach
    void limit() {
        lines.limit(LIMIT);
    }

    @Test
    void shortLinesPassAsTheyAre() throws IOException {
        write("one\n\ntwo\nno line feed");
        assertThat(written()).isEqualTo("one\n\ntwo\nno line feed");
    }

    @Test
    void aLongLineIsCutAndSaysByHowMuch() throws IOException {
        write("x".repeat(100) + "\nnext\n");
        assertThat(written()).isEqualTo("x".repeat(KEPT) + "... (76 more)\nnext\n");
    }

    @Test
    void aLineIsOneHoweverItIsWritten() throws IOException {
        for (int i = 0; i < 100; i++) {
            lines.write('x');
        }
        write("\n");
        write("y".repeat(KEPT));
        write("\n");
        assertThat(written()).isEqualTo("x".repeat(KEPT) + "... (76 more)\n" + "y".repeat(KEPT) + "\n");
    }

    @Test
    void noCharacterIsCutInTwo() throws IOException {
        for (int before = 0; before < 4; before++) {
            out.reset();
            write("x".repeat(before) + "\uD83D\uDE00".repeat(100) + "\n");
            assertThat(written()).matches("x{" + before + "}(\uD83D\uDE00)+\\.\\.\\. \\(\\d+ more\\)\n");
        }
    }

    @Test
    void noLineIsLongerThanTheLimitWhateverIsWritten() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            lines.write(bytes);
        }
        for (int i = 0; i < 1_000; i++) {
            lines.write(0x80);
        }
        lines.write('\n');
        assertThat(out.toString(StandardCharsets.ISO_8859_1).split("\n"))
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(LIMIT));
    }

    @Test
    void aHugeLineIsCutAtTheDefault() throws IOException {
        lines.limit(LineLimit.DEFAULT_BYTES);
        write("x".repeat(5_000_000) + "\n");
        assertThat(out.size()).isBetween(8_000, 8_192);
    }

    @Test
    void aLimitThatKapacitorWouldNotSurviveIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lines.limit(65_536))
                .withMessage("maxLogLineBytes: 65536 (expected: 64 to 32768)");
    }

    private void write(String text) throws IOException {
        lines.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private String written() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
