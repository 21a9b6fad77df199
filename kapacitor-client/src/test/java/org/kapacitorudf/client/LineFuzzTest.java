package org.kapacitorudf.client;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.internal.line.LineProtocolException;
import org.kapacitorudf.internal.line.LineReader;
import org.kapacitorudf.internal.line.Precision;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Reading;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * Any text results in points and {@link LineProtocolException}s with a line and a column, however it is divided. A
 * point that was read is the same after writing and reading it again.
 *
 * <pre>
 *   size of the pieces | precision | longest line | the text
 * </pre>
 */
class LineFuzzTest {
    private static final int[] LONGEST = {1 << 20, 1 << 20, 1 << 20, 40, 7};
    private static final long MOST_BYTES = 32 << 20;

    @MethodSource("seeds")
    @FuzzTest
    void aTextIsPointsAndErrorsWithTheirPlaces(byte[] input) {
        Reading reading = new Reading(input);
        int pieceBytes = 1 + reading.next();
        Precision precision = Precision.values()[reading.below(Precision.values().length)];
        int longest = LONGEST[reading.below(LONGEST.length)];
        byte[] text = reading.rest();
        List<Object> whole =
                Claim.allocatingAtMost(MOST_BYTES, "lines", () -> read(text, text.length + 1, precision, longest));
        Claim.same(whole, read(text, pieceBytes, precision, longest), "in pieces of " + pieceBytes + " bytes");
        for (Object result : whole) {
            if (result instanceof Point point) {
                isReadAgain(point);
            }
        }
    }

    /** Points, and errors. */
    private static List<Object> read(byte[] text, int pieceBytes, Precision precision, int longest) {
        List<Object> results = new ArrayList<>();
        LineReader lines = LineReader.of(new Pieces(text, pieceBytes))
                .precision(precision)
                .maxLineBytes(longest)
                .clock(() -> 5);
        int most = 2
                + (int) new String(text, StandardCharsets.ISO_8859_1)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        for (boolean goesOn = true; goesOn; ) {
            Claim.that(results.size() <= most, "more results than lines");
            long line = lines.lines();
            try {
                goesOn = lines.hasNext();
                if (goesOn) {
                    results.add(decoded(lines.next()));
                }
            } catch (LineProtocolException e) {
                Claim.that(e.line() > line && e.line() <= lines.lines(), "line: " + e.line() + " of " + lines.lines());
                Claim.that(e.column() >= 1 && e.column() <= text.length + 1, "column: " + e.column());
                Claim.that(
                        e.getMessage().startsWith("line " + e.line() + ", column " + e.column() + ": ")
                                && e.getMessage().contains("(expected: "),
                        e.getMessage());
                results.add(e.getMessage());
            }
        }
        return results;
    }

    /** Protobuf's own parser reads the encoding of a line. */
    private static Point decoded(byte[] encoded) {
        try {
            return Point.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("not a point: " + e.getMessage(), e);
        }
    }

    private static void isReadAgain(Point point) {
        String line = LineProtocol.format(point);
        if (canBeRead(point)) {
            Claim.same(withoutContext(point), LineProtocol.parse(line), line);
        }
        byte[] encoded = point.toByteArray();
        org.kapacitorudf.Point ours = org.kapacitorudf.Point.decode(encoded);
        Claim.same(line, ours.toString(), "a point's text");
    }

    /** A line has neither a database nor a retention policy: comments of the file set them. */
    private static Point withoutContext(Point point) {
        return point.toBuilder().clearDatabase().clearRetentionPolicy().build();
    }

    /** Line protocol cannot represent these. */
    private static boolean canBeRead(Point point) {
        String name = point.getName();
        return canBeRead(name)
                && !name.startsWith("#")
                && !name.startsWith("\ufeff")
                && !name.startsWith("\t")
                && !name.startsWith("\0")
                && point.getTagsMap().entrySet().stream()
                        .allMatch(tag -> canBeRead(tag.getKey()) && canBeRead(tag.getValue()))
                && keys(point).stream()
                        .allMatch(key -> canBeRead(key) && !key.startsWith("\t") && !key.startsWith("\0"));
    }

    private static List<String> keys(Point point) {
        List<String> keys = new ArrayList<>();
        for (Map<String, ?> fields : List.of(
                point.getFieldsDoubleMap(),
                point.getFieldsIntMap(),
                point.getFieldsStringMap(),
                point.getFieldsBoolMap())) {
            keys.addAll(fields.keySet());
        }
        return keys;
    }

    private static boolean canBeRead(String word) {
        return !word.isEmpty() && !word.endsWith("\\") && word.indexOf('\n') < 0;
    }

    /** Returns at most a given number of bytes at a time. */
    private static final class Pieces extends ByteArrayInputStream {
        private final int pieceBytes;

        Pieces(byte[] text, int pieceBytes) {
            super(text);
            this.pieceBytes = pieceBytes;
        }

        @Override
        public synchronized int read(byte[] buffer, int offset, int length) {
            return super.read(buffer, offset, Math.min(length, pieceBytes));
        }
    }

    static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (String text : List.of(
                "cpu,host=a,rack=r1 value=1.5,count=3i,note=\"a \\\"b\\\"\",ok=true 1700000000000000000\n",
                "# comment\n\ncpu value=1 1\r\ncpu,host=a value=-.5e-3\n",
                "c\\ p\\,u,h\\=o=a\\ b s=\"two\nlines\" 12\nm n=7u,f=F,t=t,x=NaN,y=+Inf,z=-Inf",
                "\u00e9,\u00fc=\ud83d\ude00 v=\"\u00e4\" -9\nbroken\ncpu value= 1\ncpu value=\"open",
                "\ufeffm v=9223372036854775807i 9223372036854775807\nm v=18446744073709551615u",
                "m,a=1,a=2 v=1\nm v=1,v=2i,v=true \n m v=1",
                "# CONTEXT-DATABASE:d\n# CONTEXT-RETENTION-POLICY:r\ncpu,host=a value=-.5")) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            seeds.add(Seeds.with(bytes, 255, 0, 0));
            seeds.add(Seeds.with(bytes, 3, seeds.size() % 6, seeds.size() % 5));
        }
        return seeds;
    }
}
