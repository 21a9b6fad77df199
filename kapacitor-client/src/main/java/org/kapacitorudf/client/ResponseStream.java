package org.kapacitorudf.client;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.function.Consumer;
import org.kapacitorudf.proto.Response;

/**
 * The responses in the bytes that an agent has written so far, checked by {@link ResponseRules}; any problem is an
 * error.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link StandInException} where Kapacitor would crash, end the task, or misinterpret a response.
 */
public final class ResponseStream {
    private final FrameReader frames;
    private final ResponseRules rules = new ResponseRules(ResponseStream::refuse);
    private final Consumer<Response> consumer;

    /**
     * @param source returns -1 when there is nothing at the moment; there may be more later, but data ends with a
     *     complete frame
     */
    public ResponseStream(FrameReader.Source source, Consumer<Response> consumer) {
        frames = new FrameReader(source, FrameReader.KAPACITOR_BUFFER_BYTES);
        this.consumer = consumer;
    }

    /** Reads the available responses. */
    public void read() {
        try {
            while (frames.next()) {
                Response response =
                        Response.parser().parseFrom(frames.body(), frames.bodyOffset(), frames.bodyLength());
                rules.take(response);
                consumer.accept(response);
            }
        } catch (DaemonDeath e) {
            throw new StandInException("protocol: kapacitord would crash: " + e.getMessage());
        } catch (InvalidProtocolBufferException e) {
            throw new StandInException("protocol: a response is malformed: " + e.getMessage());
        } catch (IOException e) {
            throw new StandInException("protocol: a frame is malformed: " + e.getMessage());
        }
    }

    private static void refuse(String warning) {
        throw new StandInException("protocol: " + warning);
    }
}
