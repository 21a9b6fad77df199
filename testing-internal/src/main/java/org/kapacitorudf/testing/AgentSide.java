package org.kapacitorudf.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.ErrorResponse;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.KeepaliveResponse;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.RestoreResponse;
import org.kapacitorudf.proto.SnapshotResponse;

/** The agent's side of the protocol, for test agents of a few lines. */
public final class AgentSide {
    private final InputStream in;
    private final OutputStream out;

    AgentSide(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /** Returns the next request; null at the end of the input. */
    public Request next() throws IOException {
        return Request.parseDelimitedFrom(in);
    }

    public void send(Response.Builder response) throws IOException {
        response.build().writeDelimitedTo(out);
        out.flush();
    }

    public void raw(byte... bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    public void endOutput() throws IOException {
        out.close();
    }

    /** Answers all requests and sends data back, until the input ends. */
    public void mirror() throws IOException {
        for (Request request = next(); request != null; request = next()) {
            answer(request);
        }
    }

    public void answer(Request request) throws IOException {
        switch (request.getMessageCase()) {
            case INFO -> send(Response.newBuilder().setInfo(InfoResponse.getDefaultInstance()));
            case INIT -> send(initialized());
            case KEEPALIVE -> send(keepalive(request.getKeepalive().getTime()));
            case SNAPSHOT -> send(Response.newBuilder().setSnapshot(SnapshotResponse.getDefaultInstance()));
            case RESTORE ->
                send(Response.newBuilder()
                        .setRestore(RestoreResponse.newBuilder().setSuccess(true)));
            case BEGIN -> send(begin(request.getBegin()));
            case POINT -> send(point(request.getPoint()));
            case END -> send(end(request.getEnd()));
            default -> throw new IOException("request: nothing set");
        }
    }

    public static Response.Builder initialized() {
        return Response.newBuilder().setInit(InitResponse.newBuilder().setSuccess(true));
    }

    public static Response.Builder keepalive(long time) {
        return Response.newBuilder().setKeepalive(KeepaliveResponse.newBuilder().setTime(time));
    }

    static Response.Builder begin(BeginBatch begin) {
        return Response.newBuilder().setBegin(begin);
    }

    public static Response.Builder begin(String name, long size) {
        return begin(BeginBatch.newBuilder()
                .setName(name)
                .setGroup(name)
                .setSize(size)
                .build());
    }

    public static Response.Builder point(Point point) {
        return Response.newBuilder().setPoint(point);
    }

    /** @param line a name, tags, and one field that is a double: {@code cpu,host=a v=1} */
    public static Response.Builder point(String line) {
        String[] seriesAndField = line.split(" ");
        String[] series = seriesAndField[0].split(",");
        String[] field = seriesAndField[1].split("=");
        Point.Builder point =
                Point.newBuilder().setName(series[0]).putFieldsDouble(field[0], Double.parseDouble(field[1]));
        for (String tag : List.of(series).subList(1, series.length)) {
            point.putTags(tag.split("=")[0], tag.split("=")[1]);
        }
        return point(point.build());
    }

    static Response.Builder end(EndBatch end) {
        return Response.newBuilder().setEnd(end);
    }

    public static Response.Builder end(String name) {
        return end(EndBatch.newBuilder().setName(name).setGroup(name).build());
    }

    public static Response.Builder error(String text) {
        return Response.newBuilder().setError(ErrorResponse.newBuilder().setError(text));
    }
}
