package org.kapacitorudf.embed;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.internal.channel.SocketFile;
import org.kapacitorudf.internal.channel.UnixServerChannel;
import org.slf4j.LoggerFactory;

/** The behaviour of a server when its socket file is changed by others. The server is an echo server. */
@Timeout(600)
final class ServedSocketTest {
    @TempDir
    private Path directory;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Logger logger = (Logger) LoggerFactory.getLogger(ServedSocket.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Path path;
    private ServedSocket socket;
    private SocketChannel caller;

    @BeforeEach
    void listen() throws IOException {
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        path = Files.createDirectory(directory.resolve("sockets")).resolve("mirror.sock");
        socket = socket();
        socket.listen(false);
        caller = SocketChannel.open(UnixDomainSocketAddress.of(path));
        assertAnswers(caller); // it has been accepted: closing a socket also closes the connections in its backlog
    }

    @Test
    void aCleanerOfOldFilesFindsAFileThatIsAtMostADayOld() {
        long longAgoMillis = System.currentTimeMillis() - TimeUnit.DAYS.toMillis(10);
        assertThat(path.toFile().setLastModified(longAgoMillis)).isTrue();
        socket.look();
        assertThat(path.toFile().lastModified()).isGreaterThan(System.currentTimeMillis() - TimeUnit.DAYS.toMillis(1));
    }

    private ServedSocket socket() {
        return new ServedSocket(SocketFile.at(path), this::bind, InstantSource.system());
    }

    private ChannelFuture bind(SocketFile file) {
        return new ServerBootstrap()
                .group(loops)
                .channel(UnixServerChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        connection.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext context, Object message) {
                                context.writeAndFlush(message);
                            }
                        });
                    }
                })
                .bind(file);
    }

    @AfterEach
    void close() throws Exception {
        caller.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private static void assertAnswers(SocketChannel caller) throws IOException {
        caller.write(ByteBuffer.wrap(new byte[] {42}));
        assertThat(caller.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    private void assertAnswersNewCallers() throws IOException {
        try (SocketChannel another = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertAnswers(another);
        }
    }

    private List<String> logged() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void aFileThatIsThereIsLeftAlone() throws Exception {
        Channel before = socket.channel();
        socket.look();
        assertThat(socket.channel()).isSameAs(before);
        assertThat(socket.isReachable()).isTrue();
        assertThat(logged()).isEmpty();
    }

    @Test
    void aSocketFileThatWasRemovedIsCreatedAgainAndConnectionsGoOn() throws Exception {
        Channel former = socket.channel();
        Files.delete(path);
        assertThat(socket.isReachable()).isFalse();
        socket.look();
        assertThat(socket.isReachable()).isTrue();
        former.closeFuture().sync();
        assertThat(socket.isReachable())
                .as("the former has not removed the new file")
                .isTrue();
        assertAnswers(caller);
        assertAnswersNewCallers();
        assertThat(logged())
                .containsExactly(
                        path + ": the file was missing and nothing could connect; the socket has been bound again");
        socket.channel().close().sync();
        assertThat(path.getParent()).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rm $0; echo mine >$0", "rm $0; mkdir $0", "rm $0; mkfifo $0", "rm $0; ln -s nowhere $0"})
    void whatIsPutIntoItsPlaceIsLeftAsItIsAlsoAtTheEnd(String command) throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", command, path.toString())
                        .start()
                        .waitFor())
                .isZero();
        Object before = Files.readAttributes(path, "unix:ino,mode,ctime", LinkOption.NOFOLLOW_LINKS);
        socket.look();
        socket.look();
        assertThat(socket.isReachable()).isFalse();
        assertAnswers(caller);
        socket.channel().close().sync();
        assertThat((Object) Files.readAttributes(path, "unix:ino,mode,ctime", LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(before);
        assertThat(logged())
                .containsExactly(
                        path
                                + ": another file has replaced this socket; existing connections continue, but no new ones arrive here");
    }

    @Test
    void aServerThatIsTakenOverSaysSoOnceAndWithoutAnError() throws Exception {
        ServedSocket next = socket();
        next.listen(true);
        socket.look();
        socket.look();
        assertAnswers(caller);
        assertThat(log.list)
                .extracting(ILoggingEvent::toString)
                .containsExactly("[INFO] " + path
                        + ": another server has taken over this socket; existing connections continue");
        next.channel().close().sync();
    }

    @Test
    void whoHasLostThePlaceToAnotherServerDoesNotTakeItBackWhenThatOneEnds() throws Exception {
        ServedSocket next = socket();
        next.listen(true);
        socket.look();
        next.channel().close().sync();
        socket.look();
        assertThat(path).doesNotExist();
        assertAnswers(caller);
    }

    @Test
    void aDirectoryThatIsGoneIsToldOfOnceAndServedAgainWhenItIsBack() throws Exception {
        Files.delete(path);
        Files.delete(path.getParent());
        socket.look();
        socket.look();
        assertThat(socket.isReachable()).isFalse();
        assertAnswers(caller);
        assertThat(logged())
                .containsExactly(
                        path + ": the file is missing, nothing can connect, and the socket cannot be bound again:"
                                + " socket directory: " + path.getParent() + " (expected: an existing directory)");
        Files.createDirectory(path.getParent());
        socket.look();
        assertAnswersNewCallers();
    }

    @Test
    void aServerThatIsInThePlaceMeanwhileIsNotDrivenOut() throws Exception {
        Files.delete(path);
        ServedSocket other = socket();
        other.listen(false);
        socket.look();
        assertThat(socket.isReachable()).isFalse();
        assertThat(other.isReachable()).isTrue();
    }
}
