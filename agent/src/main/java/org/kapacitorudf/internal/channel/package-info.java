/**
 * The two transports to Kapacitor: a Unix-domain socket, and STDIN and STDOUT. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.channel.ProgressChannel} is the session's view of both
 * transports. {@link org.kapacitorudf.internal.channel.UnixServerChannel} and
 * {@link org.kapacitorudf.internal.channel.SocketFile} make a server:
 *
 * <pre>{@code
 * EventLoopGroup group = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
 * Channel server = new ServerBootstrap()
 *         .group(group)
 *         .channel(UnixServerChannel.class)
 *         .childHandler(sessions) // a ChannelInitializer
 *         .bind(SocketFile.at(Path.of("/run/kapacitor/mirror.sock")).withMode("0660").withGroup("kapacitor"))
 *         .sync() // throws a BindException with the reason
 *         .channel();
 * server.close().sync(); // stops listening and removes the file; open connections continue
 * }</pre>
 *
 * {@link org.kapacitorudf.internal.channel.StdioChannel} is the connection of a process that Kapacitor has started. Its
 * writes block, so it needs an event loop of its own.
 *
 * <pre>{@code
 * EventLoop loop = new DefaultEventLoop(new DefaultThreadFactory("kapacitor-udf-stdio"));
 * StdioChannel channel = StdioChannel.ofProcess();
 * channel.pipeline().addLast(session);
 * loop.register(channel).sync();
 * channel.closeFuture().sync();
 * }</pre>
 *
 * <p>May use: Netty, {@code internal.process}.
 */
@NullMarked
package org.kapacitorudf.internal.channel;

import org.jspecify.annotations.NullMarked;
