package org.kapacitorudf.internal.channel;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Binds one more path for each byte that it reads, prints whether it succeeded, and keeps all of them until STDIN ends.
 */
final class BindRace {
    private BindRace() {}

    public static void main(String[] arguments) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UnixServerChannel.class)
                .childHandler(new Echo());
        bootstrap
                .bind(SocketFile.at(Path.of(
                        arguments[0], "warm-up-" + ProcessHandle.current().pid())))
                .sync();
        System.out.println("ready");
        for (int i = 0; System.in.read() >= 0; i++) {
            ChannelFuture bound = bootstrap
                    .bind(SocketFile.at(Path.of(arguments[0], "s" + i)))
                    .await();
            System.out.println(bound.isSuccess() ? "won" : bound.cause().getMessage());
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
