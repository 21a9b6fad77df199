package org.kapacitorudf.server.ops;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class PageServerTest {
    @Test
    void aRegularTaskGoesOnAfterAnError() throws IOException, InterruptedException {
        CountDownLatch runs = new CountDownLatch(3);
        try (PageServer server = PageServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new PageServer.Limits(1, 1_000, 1_000, Duration.ofMinutes(5)),
                path -> {
                    throw new AssertionError(path);
                })) {
            server.every(1, () -> {
                runs.countDown();
                if (runs.getCount() == 2) {
                    throw new OutOfMemoryError("once");
                }
                if (runs.getCount() == 1) {
                    throw new IllegalStateException("once");
                }
            });
            runs.await();
        }
    }
}
