package org.kapacitorudf.internal.channel;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Echoes its input, and closes after the end of the input: on a socket, or on STDIN and STDOUT. */
@Sharable
final class Echo extends ChannelInboundHandlerAdapter {
    /** Serves at the given path until STDIN ends; without a path, echoes STDIN until it ends. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            EventLoopGroup loop = new DefaultEventLoop();
            StdioChannel channel = StdioChannel.ofProcess();
            channel.pipeline().addLast(new Echo());
            loop.register(channel).sync();
            channel.closeFuture().sync();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        } else {
            EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
            Channel server = new ServerBootstrap()
                    .group(group)
                    .channel(UnixServerChannel.class)
                    .childHandler(new Echo())
                    .bind(SocketFile.at(Path.of(arguments[0])))
                    .sync()
                    .channel();
            System.in.read();
            server.close().sync();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        context.writeAndFlush(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> context.close());
        }
    }
}
