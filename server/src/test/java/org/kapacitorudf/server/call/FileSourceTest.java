package org.kapacitorudf.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.Precision;

class FileSourceTest {
    private static final CsvColumns HOST_IS_A_TAG =
            new CsvColumns(Optional.empty(), Optional.empty(), List.of("host"), List.of());

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static FileSource source(String file, CsvColumns csv, byte[] bytes) {
        return new FileSource(
                new ByteArrayInputStream(bytes),
                new InputSettings(
                        file,
                        Optional.empty(),
                        Precision.SECONDS,
                        1_000_000,
                        Grouping.by(List.of("host")),
                        csv,
                        false,
                        () -> 7));
    }

    /** The results and problems. */
    private static List<String> read(PointSource source) {
        List<String> all = new ArrayList<>();
        for (boolean more = true; more; ) {
            try {
                more = source.read(new PointSource.Sink() {
                    @Override
                    public void point(Point point) {
                        all.add(point + (point.group().isEmpty() ? "" : " in " + point.group()));
                    }

                    @Override
                    public void batch(Batch batch) {
                        all.add(batch + ": " + batch.points());
                    }
                });
            } catch (BadInputException e) {
                all.add(e.getMessage());
            }
        }
        return all;
    }

    private static List<String> csv(CsvColumns columns, String... lines) {
        return read(source("cpu.csv", columns, bytes(String.join("\n", lines))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu.lp", "-", "cpu.lp.gz"})
    void compressedLinesAreSeenInTheirFirstBytesWhateverTheNameIs(String file) throws IOException {
        byte[] two = new byte[0];
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(gzip(bytes("cpu,host=a v=1 1\n")));
        both.write(gzip(bytes("cpu,host=a v=2 2\n")));
        two = both.toByteArray();
        assertThat(read(source(file, CsvColumns.BY_HEADER, two)))
                .containsExactly("cpu,host=a v=1.0 1000000000 in host=a", "cpu,host=a v=2.0 2000000000 in host=a");
    }

    @Test
    void aRecordingOfAStreamIsRead() throws IOException {
        byte[] recording = gzip(bytes("telegraf\nautogen\ncpu,host=a v=1 1\ntelegraf\nautogen\ncpu,host=a v=2 2\n"));
        assertThat(read(source("r.srpl", CsvColumns.BY_HEADER, recording)))
                .containsExactly("cpu,host=a v=1.0 1000000000 in host=a", "cpu,host=a v=2.0 2000000000 in host=a");
    }

    @Test
    void aRecordingOfBatchesIsReadWithAllItsQueries() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("0"));
            zip.write(bytes("""
                    {"name":"cpu","tmax":"2026-01-01T00:00:10Z","group":"host=a","tags":{"host":"a"},\
                    "points":[{"fields":{"v":1,"ok":true,"s":"x"},"tags":{"host":"a"},"time":"1970-01-01T00:00:01.5Z"}]}
                    {"name":"cpu","tmax":"0001-01-01T00:00:00Z","tags":{"host":"b"}}
                    """));
            zip.closeEntry();
            zip.putNextEntry(new ZipEntry("1"));
            zip.write(bytes("{\"name\":\"mem\",\"tmax\":\"0001-01-01T00:00:00Z\",\"byname\":true,"
                    + "\"points\":[{\"fields\":{\"v\":2.5},\"tags\":null,\"time\":\"1970-01-01T00:00:03Z\"}]}\n"));
            zip.closeEntry();
        }
        assertThat(read(source("r.brpl", CsvColumns.BY_HEADER, out.toByteArray())))
                .containsExactly(
                        "cpu,host=a 1 points until 1767225610000000000: [cpu,host=a ok=true,s=\"x\",v=1.0 1500000000]",
                        "mem 1 points until 3000000000: [mem v=2.5 3000000000]");
        assertThatThrownBy(() -> read(source("r.brpl", CsvColumns.BY_HEADER, bytes("no archive"))))
                .hasMessageContaining("kapacitor record");
    }

    @Test
    void csvOfInfluxsCommandLineHasAllTagsInOneColumn() {
        assertThat(csv(
                        CsvColumns.BY_HEADER,
                        "name,tags,time,usage",
                        "cpu,\"host=a,region=eu,rack=\",1,1.5",
                        "cpu,\"host=a,b\",2,2",
                        "cpu,,3,3"))
                .containsExactly(
                        "cpu,host=a,region=eu usage=1.5 1000000000 in host=a",
                        "cpu,host=a\\,b usage=2.0 2000000000 in host=a,b",
                        "cpu usage=3.0 3000000000 in host=");
        assertThat(csv(CsvColumns.BY_HEADER, "tags,time,usage", "host=a,1,1.5"))
                .containsExactly("cpu tags=\"host=a\",usage=1.5 1000000000 in host=");
    }

    @Test
    void csvWithAHeaderHasAPointForEachRow() {
        assertThat(csv(
                        HOST_IS_A_TAG,
                        "time,host,usage,\"a note\",on,n",
                        "1970-01-01T00:00:01Z,a,1.5,\"x, \"\"y\"\"\",true,3i",
                        "2,b,-2,,false,",
                        "1970-01-01 00:00:03.5,,1,,,"))
                .containsExactly(
                        "cpu,host=a a\\ note=\"x, \\\"y\\\"\",n=3i,on=true,usage=1.5 1000000000 in host=a",
                        "cpu,host=b on=false,usage=-2.0 2000000000 in host=b",
                        "cpu usage=1.0 3500000000 in host=");
    }

    @Test
    void aRowThatIsNoPointIsToldWithItsLine() {
        assertThat(csv(HOST_IS_A_TAG, "time,host,usage", "yesterday,a,1", "1,a,", "2,a,1"))
                .containsExactly(
                        "line 2: time: yesterday (expected: a time: 2026-01-01T00:00:00Z, or an integer of --precision)",
                        "line 3: no fields (expected: a value in a column that is a field)",
                        "cpu,host=a usage=1.0 2000000000 in host=a");
    }

    @Test
    void aColumnThatIsNotThereEndsIt() {
        CsvColumns columns = new CsvColumns(Optional.empty(), Optional.of("when"), List.of(), List.of());
        assertThatThrownBy(() -> csv(columns, "time,host,usage", "1,a,1"))
                .hasMessage("line 1: when: no such column (expected: one of time, host, usage)");
    }

    @Test
    void theAnnotationsOfAQueryAreRead() {
        assertThat(csv(
                        CsvColumns.BY_HEADER,
                        "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string",
                        "#group,false,false,true,false,false,true,true,true",
                        "#default,_result,,,,,,,",
                        ",result,table,_start,_time,_value,_field,_measurement,host",
                        ",,0,1970-01-01T00:00:00Z,1970-01-01T00:00:01Z,1.5,usage,cpu,a",
                        "",
                        "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,long,string,string,string",
                        "#group,false,false,true,false,false,true,true,true",
                        "#default,_result,,,,,,,",
                        ",result,table,_start,_time,_value,_field,_measurement,host",
                        ",,1,1970-01-01T00:00:00Z,1970-01-01T00:00:02Z,3,count,mem,b"))
                .containsExactly(
                        "cpu,host=a usage=1.5 1000000000 in host=a", "mem,host=b count=3i 2000000000 in host=b");
    }

    @Test
    void theAnnotationsOfAWriteAreRead() {
        assertThat(csv(
                        CsvColumns.BY_HEADER,
                        "#constant measurement,disk",
                        "#datatype tag,double,long,dateTime:number",
                        "host,used,n,at",
                        "a,1.5,2,3"))
                .containsExactly("disk,host=a n=2i,used=1.5 3000000000 in host=a");
    }

    @Test
    void csvThatIsTakenForLinesIsHintedAt() {
        assertThat(read(source("-", CsvColumns.BY_HEADER, bytes("time,host,usage\n")))
                        .get(0))
                .endsWith("; if this is CSV with a header: --format csv");
    }
}
