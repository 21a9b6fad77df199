package org.kapacitorudf.server.call;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

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

    /** The format of a file by its name, and by the first bytes of its content. */
    static InputFormat of(String file, byte[] beginning) {
        String name = file.toLowerCase(Locale.ROOT);
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        for (InputFormat format : values()) {
            if (plain.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
                return format;
            }
        }
        String text = new String(beginning, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PK\u0003\u0004")) {
            return BRPL;
        }
        boolean annotated = text.startsWith("#group") || text.startsWith("#datatype") || text.startsWith("#constant");
        return annotated ? CSV : LINES;
    }
}
