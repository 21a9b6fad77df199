package org.kapacitorudf.internal.session;

import com.google.protobuf.UnsafeByteOperations;
import org.kapacitorudf.internal.host.Answer;
import org.kapacitorudf.internal.host.Work;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.RestoreResponse;
import org.kapacitorudf.proto.SnapshotResponse;

/**
 * Converts a handler's answers to protocol messages.
 *
 * <p>Threading: stateless, safe for use by any thread.
 */
final class AnswerMessages {
    private AnswerMessages() {}

    /** @param function the function's name, with which each error begins */
    static Response response(String function, Work.Request request, Answer answer) {
        Response.Builder response = Response.newBuilder();
        if (answer instanceof Answer.SavedState state) {
            // The array is not copied, because a snapshot's array is never modified.
            return response.setSnapshot(SnapshotResponse.newBuilder()
                            .setSnapshot(UnsafeByteOperations.unsafeWrap(state.snapshot())))
                    .build();
        }
        String text = ((Answer.Outcome) answer).error();
        boolean isSuccess = text.isEmpty();
        String error = isSuccess ? "" : function + ": " + text;
        if (request instanceof Work.Init) {
            response.setInit(InitResponse.newBuilder().setSuccess(isSuccess).setError(error));
        } else {
            response.setRestore(
                    RestoreResponse.newBuilder().setSuccess(isSuccess).setError(error));
        }
        return response.build();
    }
}
