package org.kapacitorudf.testing.fuzz;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.testing.Recordings;

/** Initial inputs from recorded sessions between a real Kapacitor and UDF agents. */
public final class Seeds {
    private static final int OF_EACH_KIND = 3;

    private Seeds() {}

    /** Kapacitor's output in each session. */
    public static List<byte[]> requestStreams() {
        return Recordings.NAMES.stream().map(Recordings::requests).toList();
    }

    /** The bodies of requests, a few of each kind from each session. */
    public static List<byte[]> requests() throws IOException {
        List<byte[]> chosen = new ArrayList<>();
        for (byte[] stream : requestStreams()) {
            Map<Request.MessageCase, Integer> counts = new LinkedHashMap<>();
            for (byte[] frame : frames(stream)) {
                if (counts.merge(Request.parseFrom(frame).getMessageCase(), 1, Integer::sum) <= OF_EACH_KIND) {
                    chosen.add(frame);
                }
            }
        }
        return chosen;
    }

    /** The beginnings of each session: one for each of these lengths, counted in messages. */
    public static List<byte[]> conversations(int... lengths) throws IOException {
        List<byte[]> beginnings = new ArrayList<>();
        for (byte[] stream : requestStreams()) {
            List<byte[]> frames = frames(stream);
            for (int length : lengths) {
                ByteArrayOutputStream beginning = new ByteArrayOutputStream();
                frames.stream().limit(length).forEach(frame -> beginning.writeBytes(framed(frame)));
                beginnings.add(beginning.toByteArray());
            }
        }
        return beginnings;
    }

    private static List<byte[]> frames(byte[] stream) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        CodedInputStream in = CodedInputStream.newInstance(stream);
        while (!in.isAtEnd()) {
            frames.add(in.readByteArray());
        }
        return frames;
    }

    /** A frame: the length of a body, and the body. */
    public static byte[] framed(byte[] body) {
        byte[] frame = new byte[CodedOutputStream.computeByteArraySizeNoTag(body)];
        try {
            CodedOutputStream.newInstance(frame).writeByteArrayNoTag(body);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return frame;
    }

    /** An input that begins with these choices. */
    public static byte[] with(byte[] rest, int... choices) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        for (int choice : choices) {
            input.write(choice);
        }
        input.writeBytes(rest);
        return input.toByteArray();
    }

    /** The bodies of the two frames that begin and end a batch. */
    public static List<byte[]> batch() {
        return List.of(
                Request.newBuilder().setBegin(begin()).build().toByteArray(),
                Request.newBuilder().setEnd(end()).build().toByteArray());
    }

    public static BeginBatch begin() {
        return BeginBatch.newBuilder()
                .setName("cpu")
                .setGroup("host=a")
                .putTags("host", "a")
                .putTags("\u00e9", "")
                .setSize(2)
                .setByName(true)
                .build();
    }

    public static EndBatch end() {
        return EndBatch.newBuilder()
                .setName("cpu")
                .setGroup("host=a")
                .putTags("host", "a")
                .setTmax(1_700_000_000_000_000_000L)
                .build();
    }
}
