package org.kapacitorudf.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("jvm")
@Tag("slow")
final class SocketFileTest {
    @TempDir
    Path directory;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private Path path;

    @BeforeEach
    void namePath() {
        path = directory.resolve("mirror.sock");
    }

    @AfterEach
    void stopLoop() throws InterruptedException {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    private Channel bind(SocketFile file) throws InterruptedException {
        return new ServerBootstrap()
                .group(group)
                .channel(UnixServerChannel.class)
                .childHandler(new Ignore())
                .bind(file)
                .sync()
                .channel();
    }

    private void assertAnswers() throws IOException {
        try (SocketChannel caller = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertThat(caller.isConnected()).isTrue();
        }
    }

    private Set<String> namesInDirectory() throws IOException {
        Set<String> names = new TreeSet<>();
        try (var files = Files.newDirectoryStream(directory)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }

    @Test
    void aServerHasOneFileAndNoneWhenItIsClosed() throws Exception {
        Channel server = bind(SocketFile.at(path));

        assertThat(server.localAddress()).isEqualTo(SocketFile.at(path)).hasToString(path.toString());
        assertThat(namesInDirectory()).containsExactly("mirror.sock");
        assertAnswers();
        server.close().sync();
        assertThat(namesInDirectory()).isEmpty();
    }

    @Test
    void whoTakesOverHasThePlaceAlsoWhenTheFormerIsClosed() throws Exception {
        Channel former = bind(SocketFile.at(path));
        Channel next = bind(SocketFile.at(path).takingOver());

        former.close().sync();
        assertAnswers();
        assertThat(namesInDirectory()).containsExactly("mirror.sock");
        next.close().sync();
        assertThat(namesInDirectory()).isEmpty();
    }

    @Test
    void whoTakesOverDoesNotTakeWhatIsNoSocket() throws Exception {
        Files.writeString(path, "precious");

        assertThatThrownBy(() -> bind(SocketFile.at(path).takingOver())).hasMessageContaining("is not a socket");
        assertThat(path).hasContent("precious");
    }

    @Test
    void theDefaultModeLetsUserAndGroupConnect() throws Exception {
        bind(SocketFile.at(path));

        assertThat(permissions()).isEqualTo("rw-rw----");
    }

    private String permissions() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void modeAndGroupAreOptions() throws Exception {
        int group = (int) Files.getAttribute(directory, "unix:uid") == 0
                ? 12_345
                : (int) Files.getAttribute(directory, "unix:gid");

        bind(SocketFile.at(path).withMode("0602").withGroup(Integer.toString(group)));

        assertThat(permissions()).isEqualTo("rw-----w-");
        assertThat(Files.getAttribute(path, "unix:gid")).isEqualTo(group);
    }

    @Test
    void theFileNeverHasOtherRightsThanAskedFor() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Set<String> seen = new ConcurrentSkipListSet<>();
        CompletableFuture<Void> looking = CompletableFuture.runAsync(() -> {
            while (!done.get()) {
                try {
                    seen.add(permissions());
                } catch (IOException e) {
                    Thread.onSpinWait(); // currently missing
                }
            }
        });
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        for (int i = 0; i < 200 || (seen.isEmpty() && System.nanoTime() < deadline); i++) {
            bind(SocketFile.at(path).withMode("0606")).close().sync();
        }
        done.set(true);
        looking.get();

        assertThat(seen).containsExactly("rw----rw-");
    }

    @Test
    void aSocketAtWhichAServerListensIsNotTaken() throws Exception {
        bind(SocketFile.at(path));

        assertThatThrownBy(() -> bind(SocketFile.at(path)))
                .isInstanceOf(BindException.class)
                .hasMessage("socket file: " + path + ": a server listens there"
                        + " (expected: none, or the socket of a server that is no longer running)");
        assertAnswers();
        assertThat(namesInDirectory()).containsExactly("mirror.sock");
    }

    @Test
    void aServerThatIsTooBusyToAnswerIsAServer() throws Exception {
        List<SocketChannel> callers = new ArrayList<>();
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(path), 1);
            Object fileKey = Files.readAttributes(path, java.nio.file.attribute.BasicFileAttributes.class)
                    .fileKey();
            for (int i = 0; i < 2; i++) {
                callers.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
            }

            assertThatThrownBy(() -> bind(SocketFile.at(path))).hasMessageContaining("cannot tell whether a server");
        }
        for (SocketChannel caller : callers) {
            caller.close();
        }
    }

    @Test
    void theFileOfAServerThatIsGoneIsReplaced() throws Exception {
        leaveStaleSocket(path);

        bind(SocketFile.at(path));

        assertAnswers();
        assertThat(namesInDirectory()).containsExactly("mirror.sock");
    }

    private static void leaveStaleSocket(Path path) throws IOException {
        try (ServerSocketChannel gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            gone.bind(UnixDomainSocketAddress.of(path));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"touch $0", "mkdir $0", "mkfifo $0", "ln -s nowhere $0", "ln -s $0.stale $0"})
    void whatIsNotASocketIsRefusedAndLeftAsItIs(String command) throws Exception {
        leaveStaleSocket(Path.of(path + ".stale"));
        assertThat(new ProcessBuilder("sh", "-c", command, path.toString())
                        .start()
                        .waitFor())
                .isZero();
        Object before = Files.readAttributes(path, "unix:ino,mode,ctime", LinkOption.NOFOLLOW_LINKS);

        assertThatThrownBy(() -> bind(SocketFile.at(path)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(path + " is not a socket");
        assertThat((Object) Files.readAttributes(path, "unix:ino,mode,ctime", LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(before);
        assertThat(namesInDirectory()).containsExactly("mirror.sock", "mirror.sock.stale");
    }

    @Test
    void closingLeavesTheFileOfAnotherServerAlone() throws Exception {
        Channel first = bind(SocketFile.at(path));
        Files.delete(path);
        bind(SocketFile.at(path));

        first.close().sync();

        assertAnswers();
    }

    @Test
    void closingAfterSomebodyRemovedTheFileIsNoFailure() throws Exception {
        Channel server = bind(SocketFile.at(path));
        Files.delete(path);

        assertThat(server.close().await().isSuccess()).isTrue();
    }

    @Test
    void whatAProcessThatWasKilledWhileBindingLeftIsTakenOver() throws Exception {
        Path left = Files.createDirectory(
                Path.of(path + "~"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createFile(left.resolve("lock"));
        leaveStaleSocket(left.resolve("s"));

        bind(SocketFile.at(path));

        assertThat(namesInDirectory()).containsExactly("mirror.sock");
    }

    @ParameterizedTest
    @ValueSource(strings = {"touch $0~", "mkdir -m 777 $0~", "mkdir $0.d && chmod 700 $0.d && ln -s $0.d $0~"})
    void somebodyElsesFileAtTheNameThatIsNeededForBindingIsRefused(String command) throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", command, path.toString())
                        .start()
                        .waitFor())
                .isZero();

        assertThatThrownBy(() -> bind(SocketFile.at(path)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("mirror.sock~: exists");
    }

    @Test
    void evenRootDoesNotBindInADirectoryOfAnotherUser() throws Exception {
        Path needed = path.resolveSibling("mirror.sock~");
        Files.createDirectory(
                needed, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Files.setAttribute(needed, "unix:uid", 65_534);
        } catch (FileSystemException e) {
            Assumptions.abort("only root may give a file away");
        }
        assertThatThrownBy(() -> bind(SocketFile.at(path)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("mirror.sock~: owned by uid 65534 (expected: no such file, or owned by uid ");
        assertThat(needed).isEmptyDirectory();
    }

    @Test
    void aMissingDirectoryIsNamed() {
        assertThatThrownBy(() -> bind(SocketFile.at(directory.resolve("none/s"))))
                .isInstanceOf(BindException.class)
                .hasMessage("socket directory: " + directory.resolve("none") + " (expected: an existing directory)");
    }

    @Test
    void aRefusalOfTheSystemWithoutAReasonIsNamed() {
        Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc")));
        assertThatThrownBy(() -> bind(SocketFile.at(Path.of("/proc/s"))))
                .isInstanceOf(BindException.class)
                .hasMessage("socket file: /proc/s: NoSuchFileException: /proc/s~"
                        + " (expected: a directory that this process may write to)");
    }

    @Test
    void anUnknownGroupIsNamedAndLeavesNothing() throws Exception {
        assertThatThrownBy(() -> bind(SocketFile.at(path).withGroup("no-such-group")))
                .isInstanceOf(BindException.class)
                .hasMessage("socket group: no-such-group (expected: a group of this system)");
        assertThat(namesInDirectory()).isEmpty();
    }

    @Test
    void theLongestPathWorksAndALongerOneIsRefused() throws Exception {
        int room = SocketFile.MAX_PATH_BYTES - directory.toString().length() - 1;
        path = directory.resolve("x".repeat(room));
        bind(SocketFile.at(path));

        assertAnswers();
        assertThatThrownBy(() -> SocketFile.at(directory.resolve("x".repeat(room + 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(", 104 bytes (expected: <= 103 bytes)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "888", "66", "01660", "rw-rw----", "0x1b0"})
    void aModeThatIsNotOctalIsRefused(String mode) {
        assertThatThrownBy(() -> SocketFile.at(path).withMode(mode))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("socket mode: '" + mode + "' (expected: octal, 000 to 0777)");
    }

    @Test
    void ofServersThatStartAtOnceOneWins() throws Exception {
        int paths = 100;
        for (int i = 0; i < paths; i++) {
            leaveStaleSocket(directory.resolve("s" + i));
        }
        List<Child> servers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            servers.add(Child.start(Child.command(BindRace.class, directory)));
        }
        try {
            assertThat(answers(servers)).containsOnly("ready");
            for (int i = 0; i < paths; i++) {
                for (Child server : servers) {
                    server.input().write('\n');
                    server.input().flush();
                }
                List<String> answers = answers(servers);
                assertThat(answers).as("binding to s" + i).containsOnlyOnce("won");
                assertThat(answers)
                        .filteredOn(answer -> answer.contains("a server listens there")
                                // What another says if the winner stands still while it binds.
                                || answer.contains("has been binding it for 5 s"))
                        .hasSize(2);
            }
        } finally {
            servers.forEach(Child::close);
        }
    }

    private static List<String> answers(List<Child> servers) throws IOException {
        List<String> answers = new ArrayList<>();
        for (Child server : servers) {
            answers.add(server.output().readLine());
        }
        return answers;
    }

    @Sharable
    private static final class Ignore extends ChannelInboundHandlerAdapter {}
}
