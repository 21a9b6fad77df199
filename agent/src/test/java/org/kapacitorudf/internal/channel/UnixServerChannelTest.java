package org.kapacitorudf.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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
    void manyWhoWaitAreAcceptedInOneTurn() throws Exception {
        Path path = directory.resolve("s");
        int count = 100; // fewer than any kernel's limit for the backlog
        List<Integer> turns = new CopyOnWriteArrayList<>();
        CountDownLatch accepted = new CountDownLatch(count);
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch allWait = new CountDownLatch(1);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        List<SocketChannel> callers = new ArrayList<>();
        try {
            ServerBootstrap server = new ServerBootstrap().group(loop).channel(UnixServerChannel.class);
            server.handler(new ChannelInboundHandlerAdapter() {
                private int inTurn;

                @Override
                public void channelRead(ChannelHandlerContext context, Object connection) {
                    inTurn++;
                    ((Channel) connection).unsafe().closeForcibly();
                    accepted.countDown();
                }

                @Override
                public void channelReadComplete(ChannelHandlerContext context) {
                    turns.add(inTurn);
                    inTurn = 0;
                }
            });
            server.childHandler(new ChannelInboundHandlerAdapter())
                    .bind(SocketFile.at(path))
                    .sync();
            loop.next().execute(() -> {
                busy.countDown();
                awaitUninterruptibly(allWait);
            });
            busy.await();
            for (int i = 0; i < count; i++) {
                callers.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
            }
            allWait.countDown();
            accepted.await();
            // The end of the turn is reported after its last connection.
            loop.next().submit(() -> {}).sync();
            assertThat(turns).containsExactly(count);
        } finally {
            for (SocketChannel caller : callers) {
                caller.close();
            }
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
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
