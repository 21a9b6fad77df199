package org.kapacitorudf.streams;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.kapacitorudf.internal.line.LineProtocolException;
import org.kapacitorudf.internal.line.LineReader;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.wire.Wire;

/**
 * Parses records with line protocol into points, keyed by group.
 *
 * <pre>
 *   any key | cpu,host=a usage=1.5 20 LF cpu,host=b usage=2 20   ->   host=a | point        host=b | point
 *   any key | not a line                                         ->   any key | dead letter
 * </pre>
 *
 * A record has one or more lines, as written by Telegraf's {@code use_batch_format}. A line without a time gets the
 * time of its record. The headers {@value Head#DATABASE} and {@value Head#RETENTION_POLICY} of a record, if present,
 * apply to all of its points.
 *
 * <p>Threading: used by one stream thread.
 */
final class LineProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final int NAME = Wire.tag(2, Wire.LENGTH);
    private static final int GROUP = Wire.tag(5, Wire.LENGTH);
    private static final byte[] NOTHING = {};

    private final Settings settings;
    private final FunctionCounts counts;
    private final LineReader lines;
    private final String pointsNode;
    private ProcessorContext<byte[], byte[]> context;
    private long recordNanos;

    LineProcessor(Settings settings, FunctionCounts counts) {
        this.settings = settings;
        this.counts = counts;
        this.pointsNode = settings.pointsNode();
        this.lines = LineReader.ofRecords()
                .groupBy(settings.grouping())
                .precision(settings.precision())
                .maxLineBytes(settings.maxLineBytes())
                .clock(() -> recordNanos);
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        context = processorContext;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (record.value() == null) {
            letter(record, new byte[0], "no value (expected: line protocol)");
            return;
        }
        recordNanos = TimeUnit.MILLISECONDS.toNanos(record.timestamp());
        lines.input(record.value(), header(record, Head.DATABASE), header(record, Head.RETENTION_POLICY));
        while (true) {
            byte[] point;
            try {
                if (!lines.hasNext()) {
                    return;
                }
                point = lines.next();
            } catch (LineProtocolException e) {
                letter(record, lines.refusedLine(), String.valueOf(e.getMessage()));
                continue;
            }
            byte[] group = part(point, GROUP);
            int bytes = recordBytes(group, point);
            if (bytes > settings.maxRecordBytes()) {
                letter(
                        record,
                        new LineWriter().point(point, 0, point.length).take(),
                        "line: " + bytes + " bytes in a record (expected: <= " + settings.maxRecordBytes()
                                + ", which Kafka accepts)");
                continue;
            }
            context.forward(new Record<>(group, point, record.timestamp()), pointsNode);
        }
    }

    /** The size of the record of a point. In the store of open windows, the name is in the key, too. */
    private int recordBytes(byte[] group, byte[] point) {
        int nameBytes = settings.window().isPresent() ? part(point, NAME).length : 0;
        return group.length + nameBytes + point.length;
    }

    private static byte[] part(byte[] point, int tag) {
        int field = Wire.lastInOrder(point, 0, point.length, tag);
        return field < 0
                ? NOTHING
                : Arrays.copyOfRange(point, Wire.bodyStart(point, field), Wire.fieldEnd(point, field));
    }

    private static String header(Record<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private void letter(Record<byte[], byte[]> record, byte[] text, String reason) {
        counts.badLine(reason);
        if (settings.deadLetters().isPresent()) {
            context.forward(
                    DeadLetters.letter(
                            settings, record.key(), text, reason, record.timestamp(), context.recordMetadata()),
                    settings.badLinesNode());
        }
    }
}
