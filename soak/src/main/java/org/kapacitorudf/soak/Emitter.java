package org.kapacitorudf.soak;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.OutputException;

/** Returns every point unchanged, from its own thread. */
public final class Emitter implements Udf {
    private static final int QUEUED = 256;
    private static final Point END = Point.of("end", 0);

    @Override
    public Description describe() {
        return Description.stream("soakEmitter", "returns every point unchanged, from its own thread");
    }

    @Override
    public Handler create(Context context) {
        return new Emitting();
    }

    private static final class Emitting implements Handler {
        private final BlockingQueue<Point> queue = new ArrayBlockingQueue<>(QUEUED);
        private @Nullable Thread thread;

        @Override
        public void point(Point point, Output output) throws InterruptedException {
            if (thread == null) {
                thread = new Thread(() -> emit(output), "soak-emitter");
                thread.setDaemon(true);
                thread.start();
            }
            queue.put(point);
        }

        private void emit(Output output) {
            boolean open = true;
            try {
                for (Point point = queue.take(); point != END; point = queue.take()) {
                    if (open) {
                        open = send(point, output);
                    }
                }
            } catch (InterruptedException e) {
                // This thread is never interrupted.
            }
        }

        /**
         * Emits a point; returns false if the connection has ended. The caller then continues to empty the queue,
         * because the handler may be waiting for room in the queue.
         */
        private static boolean send(Point point, Output output) {
            try {
                output.point(point);
                return true;
            } catch (OutputException e) {
                return false;
            }
        }

        @Override
        public void stop(Output output) throws InterruptedException {
            if (thread != null) {
                queue.put(END);
                thread.join();
            }
        }
    }
}
