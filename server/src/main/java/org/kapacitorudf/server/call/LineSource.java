package org.kapacitorudf.server.call;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.line.LineProtocolException;
import org.kapacitorudf.internal.line.LineReader;

/** Reads line protocol, and Kapacitor's stream recordings. */
public final class LineSource implements PointSource {
    private final LineReader lines;

    public LineSource(LineReader lines) {
        this.lines = lines;
    }

    @Override
    public boolean read(Sink sink) {
        try {
            if (!lines.hasNext()) {
                return false;
            }
            byte[] point = lines.next();
            sink.point(Point.decode(point));
            return true;
        } catch (LineProtocolException e) {
            throw new BadInputException(e.getMessage() + hint(e).orElse(""), lines.refusedLine());
        }
    }

    /** Returns a hint if the input looks like CSV; otherwise empty. */
    private Optional<String> hint(LineProtocolException problem) {
        String line = new String(lines.refusedLine(), StandardCharsets.UTF_8);
        return problem.line() == 1 && line.indexOf(',') > 0 && line.indexOf('=') < 0
                ? Optional.of("; if this is CSV with a header: --format csv")
                : Optional.empty();
    }

    @Override
    public long line() {
        return lines.lines();
    }

    @Override
    public boolean isReady() {
        return lines.isReady();
    }

    @Override
    public void close() {
        lines.close();
    }
}
