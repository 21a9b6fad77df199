package org.kapacitorudf.server.call;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.line.LineReader;

/**
 * Reads a file in any format. The format is detected at the first read, so that an input that has no data yet does not
 * delay the start.
 *
 * <p>Threading: one thread reads; any thread may close it.
 */
public final class FileSource implements PointSource {
    private static final int BEGINNING_BYTES = 16;
    private static final int BUFFER_BYTES = 64 * 1024;

    private final InputStream in;
    private final InputSettings settings;
    private @Nullable PointSource source;

    public FileSource(InputStream in, InputSettings settings) {
        this.in = in;
        this.settings = settings;
    }

    @Override
    public boolean read(Sink sink) {
        if (source == null) {
            source = open();
        }
        return source.read(sink);
    }

    @Override
    public long line() {
        return source == null ? 0 : source.line();
    }

    @Override
    public boolean isReady() {
        return source != null && source.isReady();
    }

    private PointSource open() {
        try {
            BufferedInputStream plain = new BufferedInputStream(in, BUFFER_BYTES);
            byte[] beginning = beginning(plain);
            if (beginning.length >= 2 && beginning[0] == 0x1F && beginning[1] == (byte) 0x8B) {
                plain = new BufferedInputStream(
                        new GZIPInputStream(new ReadToTheEnd(plain), BUFFER_BYTES), BUFFER_BYTES);
                beginning = beginning(plain);
            }
            byte[] start = beginning;
            InputFormat format = settings.format()
                    .orElseGet(
                            () -> settings.csv().isGiven() ? InputFormat.CSV : InputFormat.of(settings.file(), start));
            return switch (format) {
                case LINES -> new LineSource(lines(plain));
                case SRPL -> new LineSource(lines(plain).ofRecording());
                case BRPL -> new BatchRecordingSource(plain);
                case CSV -> new CsvSource(plain, settings);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LineReader lines(InputStream plain) {
        return LineReader.of(plain)
                .precision(settings.precision())
                .maxLineBytes(settings.maxLineBytes())
                .groupBy(settings.grouping())
                .clock(settings.clockNanos());
    }

    /** Returns the first bytes of a stream without consuming them. */
    private static byte[] beginning(BufferedInputStream in) throws IOException {
        in.mark(BEGINNING_BYTES);
        byte[] bytes = new byte[BEGINNING_BYTES];
        int size = 0;
        // After the first read, reads only what is available, because an input may consist of a single short line for a
        // long time.
        for (int count = in.read(bytes);
                count > 0;
                count = in.available() > 0 ? in.read(bytes, size, bytes.length - size) : 0) {
            size += count;
        }
        in.reset();
        return Arrays.copyOf(bytes, size);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes the gzip reader read all of several concatenated gzip files. Otherwise, the gzip reader would stop after
     * one of them if {@code available} returned 0, which can happen in a pipe before its end.
     */
    private static final class ReadToTheEnd extends FilterInputStream {
        ReadToTheEnd(InputStream in) {
            super(in);
        }

        @Override
        public int available() {
            return 1;
        }
    }
}
