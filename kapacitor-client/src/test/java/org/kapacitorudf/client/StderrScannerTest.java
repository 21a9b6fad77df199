package org.kapacitorudf.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StderrScannerTest {
    private final List<String> lines = new ArrayList<>();

    @Test
    void linesComeOneByOneWithoutTheirBreaks() {
        assertThat(scan("one\ntwo ü\r\n\nlast")).isTrue();
        assertThat(lines).containsExactly("one", "two ü", "", "last");
    }

    @Test
    void theLongestLineHas65535BytesAndItsBreak() {
        String longest = "x".repeat(StderrScanner.MAX_LINE_BYTES - 1);
        assertThat(scan("a\n" + longest + "\nb\n")).isTrue();
        assertThat(lines).containsExactly("a", longest, "b");
    }

    @Test
    void nothingIsReadAfterALineThatIsTooLong() {
        assertThat(scan("a\n" + "x".repeat(StderrScanner.MAX_LINE_BYTES) + "\nb\n"))
                .isFalse();
        assertThat(lines).containsExactly("a");
    }

    private boolean scan(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new StderrScanner(new ByteArrayInputStream(bytes), lines::add).run();
    }
}
