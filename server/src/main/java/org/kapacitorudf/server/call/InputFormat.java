package org.kapacitorudf.server.call;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The format of an input. Compression with gzip is detected from the first bytes. */
public enum InputFormat {
    /** Line protocol, including InfluxDB exports. */
    LINES,
    /** Comma-separated values with a header. */
    CSV,
    /** The format in which {@code kapacitor record} saves streams. */
    SRPL,
    /** The format in which {@code kapacitor record} saves batches. */
    BRPL;

    /** Returns the format indicated by the suffix of a file name; empty if the suffix is unknown. */
    public static Optional<InputFormat> ofName(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        return Arrays.stream(values())
                .filter(format -> plain.endsWith("." + format.name().toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** Detects the format from the name of a file and its first bytes. */
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
