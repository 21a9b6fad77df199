package org.kapacitorudf.internal.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.Point;

class LineReaderTest {
    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns at most this many bytes per read. */
    private static InputStream pieces(String text, int size) {
        InputStream all = bytes(text);
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return all.read();
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return all.read(buffer, offset, Math.min(size, length));
            }
        };
    }

    private static LineReader reader(String text) {
        return LineReader.of(bytes(text));
    }

    private static Point next(LineReader reader) {
        byte[] point = reader.next();
        return Point.decode(point);
    }

    private static List<String> lines(LineReader reader) {
        List<String> lines = new ArrayList<>();
        reader.forEachRemaining(point -> lines.add(LineWriter.line(point, 0, point.length)));
        return lines;
    }

    @ParameterizedTest
    @ValueSource(strings = {"m s=\"a\nb\" 1\n", "m s=\"a\nb\" 1", "m s=\"a\nb\" x\n", "m s=\"a\nb\" x", "# a\nm v=1"})
    void allLinesAreCountedWithALineBreakAtTheEndOrWithout(String text) {
        LineReader reader = reader(text);
        try {
            reader.forEachRemaining(point -> {});
        } catch (LineProtocolException e) {
            assertThat(e.line()).isEqualTo(2);
        }
        assertThat(reader.lines()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void whereTheReadsCutDoesNotMatter(int size) {
        String text = "\uFEFF# comment\r\na v=1 1\r\n\n  \nb,ü=世 s=\"x\ny\r\n\\\"\n\" 2\n\tc v=3 3";
        assertThat(lines(LineReader.of(pieces(text, size))))
                .containsExactly("a v=1.0 1", "b,ü=世 s=\"x\ny\r\n\\\"\n\" 2", "c v=3.0 3");
    }

    @ParameterizedTest
    @CsvSource({"n,1", "ns,1", "u,1000", "us,1000", "ms,1000000", "s,1000000000", "m,60000000000", "h,3600000000000"})
    void timesAreInTheUnitThatIsSaid(String unit, long nanos) {
        assertThat(next(reader("a v=1 -2").precision(Precision.of(unit))).timeNanos())
                .isEqualTo(-2 * nanos);
    }

    @Test
    void aUnitThatIsNoneAndATimeBeyondTheEndAreRefused() {
        assertThatThrownBy(() -> Precision.of("d")).hasMessage("d (expected: ns|us|ms|s|m|h)");
        assertThatThrownBy(
                        () -> reader("a v=1 2562048").precision(Precision.HOURS).next())
                .hasMessage("line 1, column 7: 2562048 (expected: a time within 292 years of 1970)");
    }

    @Test
    void aMissingTimeIsTheClocks() {
        AtomicLong clock = new AtomicLong();
        LineReader reader =
                reader("a v=1\na v=1 7\na v=1").precision(Precision.SECONDS).clock(clock::incrementAndGet);
        assertThat(lines(reader)).containsExactly("a v=1.0 1", "a v=1.0 7000000000", "a v=1.0 2");
    }

    @Test
    void aProblemHasItsLineAndItsColumnInCharacters() {
        LineReader reader = reader("a v=1\n\n# x\nb s=\"1\n2\",世=x 1\r\nc v=1\nd s=\"x\ny");
        assertThat(next(reader).name()).isEqualTo("a");
        assertThatThrownBy(reader::next).isInstanceOfSatisfying(LineProtocolException.class, problem -> {
            assertThat(problem).hasMessageStartingWith("line 5, column 6: \"x 1\" (expected: a double");
            assertThat(problem.line()).isEqualTo(5);
            assertThat(problem.column()).isEqualTo(6);
        });
        assertThat(next(reader).name()).isEqualTo("c");
        assertThatThrownBy(reader::next).hasMessage("line 7, column 5: \"\"x\" (expected: a closing \")");
    }

    @Test
    void whatIsNoUtf8IsRefused() {
        byte[] bytes = "a v=1\nb,t=\u00e4 v=1".getBytes(StandardCharsets.ISO_8859_1);
        LineReader reader = LineReader.of(new ByteArrayInputStream(bytes));
        reader.next();
        assertThatThrownBy(reader::next).hasMessage("line 2, column 5: \"\ufffd\" (expected: UTF-8)");
    }

    @Test
    void aLineMayBeAsLongAsTheLimitAndNoLonger() {
        String nine = "a v=1 123";
        for (String next : List.of("", "\n", "\nb v=1")) {
            assertThat(next(reader(nine + next).maxLineBytes(9)).timeNanos()).isEqualTo(123);
            LineReader tooLong = reader(nine + next).maxLineBytes(8);
            assertThatThrownBy(tooLong::next)
                    .hasMessage("line 1, column 1: more than 8 bytes (expected: a line break)");
            assertThat(lines(tooLong)).hasSize(next.length() > 1 ? 1 : 0);
        }
        assertThatThrownBy(() -> reader("a v=1\nb s=\"" + "x\n".repeat(50))
                        .maxLineBytes(99)
                        .forEachRemaining(p -> {}))
                .hasMessage(
                        "line 2, column 1: more than 99 bytes" + " (expected: \", which closes the string of line 2)");
        assertThatThrownBy(() -> LineReader.of(bytes("")).maxLineBytes(0)).hasMessage("bytes: 0 (expected: >= 1)");
    }

    @Test
    void theBufferDoesNotGrowWithWhatIsRead() {
        LineReader reader = reader("cpu,host=a value=1,s=\"x\ny\" 1\n".repeat(20_000));
        reader.next();
        int bytes = reader.bufferBytes();
        assertThat(lines(reader)).hasSize(19_999);
        assertThat(reader.bufferBytes()).isEqualTo(bytes);
        assertThat(reader.lines()).isEqualTo(40_000);
    }

    @Test
    void aWholeLineThatIsThereIsReady() {
        LineReader reader = LineReader.of(pieces("a v=1\nb v=1\nc v=1\nd", 14));
        assertThat(reader.isReady()).isFalse();
        assertThat(next(reader).name()).isEqualTo("a");
        assertThat(reader.isReady()).isTrue();
        assertThat(next(reader).name()).isEqualTo("b");
        assertThat(reader.isReady()).isFalse();
        assertThat(next(reader).name()).isEqualTo("c");
    }

    @Test
    void whateverTheBytesAreTheyAreReadOrRefused() {
        byte[] letters = "ab,= \\\"#\n\r\t0123.eiutf-+\u00fc".getBytes(StandardCharsets.UTF_8);
        Random random = new Random(1);
        for (int i = 0; i < 3_000; i++) {
            byte[] text = new byte[random.nextInt(60)];
            for (int at = 0; at < text.length; at++) {
                text[at] = letters[random.nextInt(letters.length)];
            }
            System.arraycopy("a v=".getBytes(StandardCharsets.UTF_8), 0, text, 0, Math.min(4, text.length));
            LineReader reader = LineReader.of(new ByteArrayInputStream(text));
            long before = -1;
            while (true) {
                try {
                    if (!reader.hasNext()) {
                        break;
                    }
                    assertThat(next(reader).name()).isNotEmpty();
                } catch (LineProtocolException expected) {
                    assertThat(expected.line()).isPositive();
                }
                assertThat(reader.lines()).as(Arrays.toString(text)).isGreaterThan(before);
                before = reader.lines();
            }
        }
    }

    @Test
    void aPointHasItsGroupAndItsDimensionsAsKapacitorSendsThem() {
        LineReader some =
                reader("cpu,rack=r1,host=a v=1 1\ncpu,host=b v=1").groupBy(Grouping.by(List.of("rack", "host")));
        Point point = next(some);
        assertThat(point.group()).isEqualTo("host=a,rack=r1");
        assertThat(point.dimensions()).containsExactly("host", "rack");
        assertThat(next(some).group()).isEqualTo("host=b,rack=");
        Point all = next(reader("cpu,rack=r1,host=a v=1 1").groupBy(Grouping.ALL));
        assertThat(all.group()).isEqualTo("host=a,rack=r1");
        assertThat(all.dimensions()).containsExactly("host", "rack");
    }

    @Test
    void anExportOfInfluxDbIsReadWithItsDatabasesAndPolicies() {
        LineReader reader = reader(String.join(
                "\n",
                "# INFLUXDB EXPORT: 1677-09-21T00:12:43Z - 2262-04-11T23:47:16Z",
                "# DDL",
                "CREATE DATABASE telegraf WITH NAME autogen",
                "# DML",
                "# CONTEXT-DATABASE:telegraf",
                "# CONTEXT-RETENTION-POLICY:autogen",
                "cpu v=1 1",
                "# CONTEXT-DATABASE: other",
                "cpu v=1 2"));
        Point point = next(reader);
        assertThat(point.database() + "." + point.retentionPolicy()).isEqualTo("telegraf.autogen");
        assertThat(next(reader).database()).isEqualTo("other");
        assertThat(reader.hasNext()).isFalse();
    }

    @Test
    void aRecordingOfKapacitorIsReadInThrees() {
        LineReader reader = reader("db\nrp\ncpu v=1 1\n\n\ncpu v=2 2\ndb\nrp\nbad\ndb2\nrp\ncpu v=3 3\n")
                .ofRecording();
        assertThat(next(reader).database()).isEqualTo("db");
        assertThat(next(reader).database()).isEmpty();
        assertThatThrownBy(reader::next).hasMessageStartingWith("line 9, column 4: ");
        assertThat(reader.refusedLine()).asString().isEqualTo("bad");
        assertThat(next(reader).database()).isEqualTo("db2");
    }

    @Test
    void manyFieldsAndTagsTakeTimeInProportion() {
        StringBuilder line = new StringBuilder("m");
        for (int i = 0; i < 20_000; i++) {
            line.append(",t").append(i).append("=v");
        }
        line.append(" v=0");
        for (int i = 0; i < 20_000; i++) {
            line.append(",f").append(i % 10_000).append('=').append(i).append('i');
        }
        Point point = next(reader(line.toString()));
        assertThat(point.tags()).hasSize(20_000).containsEntry("t19999", "v");
        assertThat(point.fields()).hasSize(10_001).containsEntry("f7", 10_007L);
        assertThat(point.toString()).contains(",f10=10010i,f100=10100i,f1000=");
    }
}
