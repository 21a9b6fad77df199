package org.kapacitorudf.server.call;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an input holds. Whether it is compressed with gzip is seen in its first bytes, whatever it holds. */
public enum InputFormat {
    /** Line protocol, InfluxDB's exports among it. */
    LINES,
    /** Values with commas between, and a header. */
    CSV,
    /** What {@code kapacitor record} writes for a stream. */
    SRPL,
    /** What {@code kapacitor record} writes for batches. */
    BRPL;

    /** The format of a file by the end of its name, if that says it. */
    public static Optional<InputFormat> ofName(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        return Arrays.stream(values())
                .filter(format -> plain.endsWith("." + format.name().toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** The format of a file by its name, and by the first bytes of its content. */
    static InputFormat of(String file, byte[] beginning) {
        Optional<InputFormat> named = ofName(file);
        if (named.isPresent()) {
            return named.get();
        }
        String text = new String(beginning, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PK\u0003\u0004")) {
            return BRPL;
        }
        boolean annotated = text.startsWith("#group") || text.startsWith("#datatype") || text.startsWith("#constant");
        return annotated ? CSV : LINES;
    }
}
