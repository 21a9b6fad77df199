package org.kapacitorudf.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Response;

class ResponseStreamTest {
    private static final Response POINT = Response.newBuilder()
            .setPoint(Point.newBuilder().setName("cpu").putFieldsDouble("value", 1))
            .build();
    private static final Response BEGIN =
            Response.newBuilder().setBegin(BeginBatch.newBuilder().setSize(1)).build();
    private static final Response END =
            Response.newBuilder().setEnd(EndBatch.getDefaultInstance()).build();

    private final List<Response> read = new ArrayList<>();

    @Test
    void whatIsThereIsRead() {
        read(Frames.encodeAll(List.of(POINT, BEGIN, POINT, END)));
        assertThat(read).containsExactly(POINT, BEGIN, POINT, END);
    }

    @Test
    void whatKapacitorWouldDieOfIsRefused() {
        assertThatThrownBy(() -> read(Frames.encode(END)))
                .isInstanceOf(StandInException.class)
                .hasMessage(
                        "protocol: kapacitord would crash: end of batch \"\": outside a batch (expected: its begin first)");
        assertThatThrownBy(() -> read(new byte[] {0})).hasMessageContaining("response: empty");
        assertThat(read).isEmpty();
    }

    @Test
    void whatKapacitorWouldTakeOtherwiseIsRefused() {
        assertThatThrownBy(() -> read(Frames.encodeAll(List.of(BEGIN, END))))
                .isInstanceOf(StandInException.class)
                .hasMessageContaining("size 1 (expected: 0, the points that came)");
    }

    @Test
    void whatKapacitorCannotReadIsRefused() {
        assertThatThrownBy(() -> read(new byte[] {5, 1, 2})).hasMessageStartingWith("protocol: a frame is malformed: ");
        assertThatThrownBy(() -> read(new byte[] {2, (byte) 0x8A, 1}))
                .hasMessageStartingWith("protocol: a response is malformed: ");
        Response text = Response.newBuilder()
                .setPoint(Point.newBuilder().setNameBytes(ByteString.copyFromUtf8("@")))
                .build();
        byte[] invalid = Frames.encode(text);
        invalid[invalid.length - 1] = (byte) 0xFF;
        assertThatThrownBy(() -> read(invalid)).hasMessageContaining("UTF-8");
    }

    private void read(byte[] bytes) {
        new ResponseStream(new ByteArrayInputStream(bytes)::read, read::add).read();
    }
}
