package org.kapacitorudf.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOption;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UnixServerChannelTest {
    private static final int DESCRIPTORS = 150;

    @TempDir
    Path directory;

    @Test
    void outOfDescriptorsItServesWhomItHasAndTakesTheOthersLater() throws Exception {
        Path path = directory.resolve("s");
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "ulimit -n " + DESCRIPTORS + " && exec \"$@\"", "sh"));
        command.addAll(Child.command(Echo.class, path));
        try (Child server = Child.start(command)) {
            Polling.await("the socket", () -> path.toFile().exists());
            List<SocketChannel> callers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                callers.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
                callers.get(i).write(ByteBuffer.allocate(1));
            }
            Polling.await("all descriptors in use", () -> openDescriptors(server) == DESCRIPTORS);
            for (SocketChannel caller : callers) {
                assertThat(caller.read(ByteBuffer.allocate(1))).isEqualTo(1);
                caller.close();
            }
            server.input().close();
            assertThat(server.status()).isZero();
        }
    }

    private static int openDescriptors(Child process) {
        String[] descriptors = Path.of("/proc", Long.toString(process.process().pid()), "fd")
                .toFile()
                .list();
        return descriptors.length;
    }

    @Test
    void theBacklogIsAnOption() {
        UnixServerChannel server = new UnixServerChannel();

        assertThat(server.config().getOption(ChannelOption.SO_BACKLOG)).isEqualTo(UnixServerChannel.BACKLOG);
        server.config().setOption(ChannelOption.SO_BACKLOG, 7);
        assertThat(server.config().getOption(ChannelOption.SO_BACKLOG)).isEqualTo(7);
        server.unsafe().closeForcibly();
    }
}
