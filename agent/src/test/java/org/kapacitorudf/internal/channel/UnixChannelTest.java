package org.kapacitorudf.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("jvm")
@Tag("slow")
final class UnixChannelTest implements TransportContract {
    private static EventLoopGroup group;

    @TempDir
    Path directory;

    @BeforeAll
    static void startLoop() {
        group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    }

    @AfterAll
    static void stopLoop() throws InterruptedException {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    @Override
    public Link link(ChannelHandler handler) throws Exception {
        Path path = directory.resolve("s");
        CompletableFuture<Channel> accepted = new CompletableFuture<>();
        Channel server = server(path, handler, accepted);
        SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(path));
        Channel channel = accepted.get(5, TimeUnit.MINUTES);
        server.close().sync();
        return new Link(channel, peer, peer, peer::shutdownOutput);
    }

    private static Channel server(Path path, ChannelHandler handler, CompletableFuture<Channel> accepted)
            throws InterruptedException {
        ChannelInitializer<Channel> initializer = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(handler);
                channel.eventLoop().execute(() -> accepted.complete(channel));
            }
        };
        return new ServerBootstrap()
                .group(group)
                .channel(UnixServerChannel.class)
                .childHandler(initializer)
                .bind(SocketFile.at(path))
                .sync()
                .channel();
    }

    /** Linux wakes up a writer only when three quarters of its buffer are free. */
    @Test
    void aPeerThatReadsALittleIsNotTakenForStalled() throws Exception {
        try (Link link = link(new Events())) {
            Channel channel = link.channel();
            channel.writeAndFlush(channel.alloc().buffer().writeZero(4 * MIB));
            channel.eventLoop().submit(() -> {}).sync();
            long whenStalled = link.bytesWritten();

            link.peerReads((int) whenStalled / 3);

            Polling.await("progress", () -> link.bytesWritten() > whenStalled);
        }
    }

    @Test
    void aClientConnects() throws Exception {
        Path path = directory.resolve("s");
        Events events = new Events();
        CompletableFuture<Channel> accepted = new CompletableFuture<>();
        Channel server = server(path, events, accepted);
        Channel client = connect(path).sync().channel();

        client.writeAndFlush(client.alloc().buffer().writeZero(5)).sync();
        client.close().sync();

        events.await(ChannelInputShutdownEvent.INSTANCE);
        assertThat(events.bytesRead()).isEqualTo(5);
        accepted.get().close().sync();
        server.close().sync();
    }

    private static ChannelFuture connect(Path path) {
        return new Bootstrap()
                .group(group)
                .channel(UnixChannel.class)
                .handler(new Events())
                .connect(UnixDomainSocketAddress.of(path));
    }

    @Test
    void aConnectionToAMissingSocketFails() {
        assertThatThrownBy(() -> connect(directory.resolve("s")).sync()).hasMessageContaining("No such file");
    }

    @Test
    void isPooledAndHalfClosesUnlessToldOtherwise() throws Exception {
        try (Link link = link(new Events())) {
            Channel channel = link.channel();

            assertThat(channel.alloc()).isSameAs(PooledByteBufAllocator.DEFAULT);
            assertThat(channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))
                    .isTrue();
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
            link.peerHalfClose().close();
            assertThat(channel.closeFuture().await(5, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    void bufferSizesAreOptions() throws Exception {
        try (Link link = link(new Events())) {
            link.channel().config().setOption(ChannelOption.SO_SNDBUF, 64 * KIB);

            // Linux doubles it for its own bookkeeping.
            assertThat(link.channel().config().getOption(ChannelOption.SO_SNDBUF))
                    .isBetween(64 * KIB, 128 * KIB);
        }
    }
}
