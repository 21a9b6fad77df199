package org.kapacitorudf.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process echoes any kind of STDIN, and ends with it. */
@Tag("jvm")
@Tag("slow")
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ProcessStdioTest {
    /**
     * Runs a program with one socket as STDIN and STDOUT, sends it a million bytes, and counts the returned bytes.
     * Because of the pauses, the program sees an empty and a full socket.
     */
    private static final String WITH_A_SOCKET = """
            use Socket; use Fcntl; use IO::Handle;
            socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, 0) or die;
            fcntl($theirs, F_SETFL, O_RDWR | MORE_FLAGS) or die;
            unless (fork) {
                close $ours; open(STDIN, '<&', $theirs); open(STDOUT, '>&', $theirs); close $theirs;
                exec @ARGV;
            }
            close $theirs;
            syswrite($ours, 'x'); sysread($ours, my $first, 1); select(undef, undef, undef, 0.2);
            unless (fork) { print {$ours} 'x' x 999_999; $ours->flush; shutdown($ours, 1); exit }
            select(undef, undef, undef, 0.2);
            local $/; print length($first . <$ours>);
            """;

    @TempDir
    Path directory;

    @Test
    void aPipe() throws Exception {
        try (Child echo = Child.start(Child.command(Echo.class))) {
            echo.input().write("hello".getBytes());
            echo.input().close();

            assertThat(echo.output().readLine()).isEqualTo("hello");
            assertThat(echo.status()).isZero();
        }
    }

    @Test
    void aFile() throws Exception {
        String text = "x".repeat(1_000_000);
        Path file = Files.writeString(directory.resolve("in"), text);
        try (Child echo = Child.start(new ProcessBuilder(Child.command(Echo.class)).redirectInput(file.toFile()))) {
            assertThat(echo.output().readLine()).isEqualTo(text);
            assertThat(echo.status()).isZero();
        }
    }

    @Test
    void devNull() throws Exception {
        Path devNull = Path.of("/dev/null");
        try (Child echo = Child.start(new ProcessBuilder(Child.command(Echo.class)).redirectInput(devNull.toFile()))) {
            assertThat(echo.output().readLine()).isNull();
            assertThat(echo.status()).isZero();
        }
    }

    @Test
    void aTerminal() throws Exception {
        assumeTrue(isInstalled("script"), "script: not installed");
        assumeTrue(Files.exists(Path.of("/dev/pts/ptmx")), "/dev/pts: not mounted");
        String command =
                Child.command(Echo.class).stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        try (Child echo = Child.start(List.of("script", "-qec", command, "/dev/null"))) {
            echo.input().write("hello\n".getBytes());
            echo.input().flush();
            assertThat(echo.output().readLine())
                    .as("what the terminal shows as typed")
                    .isEqualTo("hello");
            assertThat(echo.output().readLine()).as("what the program answers").isEqualTo("hello");

            echo.input().write('D' & 0x1f); // Ctrl-D: the end of the input
            echo.input().flush();
            assertThat(echo.status()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "O_NONBLOCK"})
    void aSocket(String moreFlags) throws Exception {
        assumeTrue(isInstalled("perl"));
        List<String> command = new ArrayList<>(List.of("perl", "-e", WITH_A_SOCKET.replace("MORE_FLAGS", moreFlags)));
        command.addAll(Child.command(Echo.class));
        try (Child echo = Child.start(command)) {
            assertThat(echo.output().readLine()).isEqualTo("1000000");
            assertThat(echo.status()).isZero();
        }
    }

    private static boolean isInstalled(String program) throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }
}
