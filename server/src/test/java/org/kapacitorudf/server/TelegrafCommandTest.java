package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.server.terminal.ExitStatus;

/** {@code telegraf}, started by its launcher; this plays Telegraf's side. */
@Tag("slow")
@Timeout(600)
@Tag("one-jdk")
class TelegrafCommandTest {
    @TempDir
    private Path directory;

    private Installed installed;
    private Process process;
    private BufferedReader answers;

    @BeforeEach
    void install() throws IOException {
        installed = Installed.in(directory);
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    private void start(String... arguments) throws IOException {
        process = installed.start(arguments);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private void movingAverage(String... more) throws IOException {
        String[] arguments = {
            "telegraf",
            "movingAvg",
            "--option",
            "field=value",
            "--option",
            "size=4",
            "--group-by",
            "host",
            "--state",
            directory.resolve("s").toString(),
            "--state-interval",
            "1ms"
        };
        String[] all = Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
        start(all);
    }

    private void give(String line) throws IOException {
        OutputStream stdin = process.getOutputStream();
        stdin.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        stdin.flush();
    }

    private String err() throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void assertEnds(ExitStatus status) throws InterruptedException {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(status.code());
    }

    @Test
    void itEndsWhenStdinIsClosedAndEachLineOfItsLogHasALevel() throws Exception {
        movingAverage("--pass");
        give("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a avg=1.0 1");
        give("broken");
        assertThat(answers.readLine()).isEqualTo("broken");
        process.getOutputStream().close();
        assertThat(answers.readLine()).isNull();
        assertThat(err().lines()).isNotEmpty().allMatch(line -> line.matches("[EWID]! .*"));
        assertEnds(ExitStatus.OK);
    }

    @Test
    void sigtermEndsItWithItsStateWhileStdinIsOpen() throws Exception {
        movingAverage();
        give("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a avg=1.0 1");
        // Not Process.destroy, which would close the streams.
        process.toHandle().destroy();
        assertThat(answers.readLine()).isNull();
        assertEnds(ExitStatus.OK);
        assertThat(directory.resolve("s")).isNotEmptyFile();
    }

    @Test
    void afterKillItGoesOnWithTheStateOfTheLastInterval() throws Exception {
        movingAverage();
        give("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a avg=1.0 1");
        while (!Files.exists(directory.resolve("s"))) {
            assertThat(process.isAlive()).isTrue();
            TimeUnit.MILLISECONDS.sleep(10);
        }
        process.destroyForcibly().waitFor();
        movingAverage();
        give("cpu,host=a value=3 2");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a avg=2.0 2");
    }

    @Test
    void aCommandLineThatIsNotUnderstoodIsToldOnceAndMetricsGoThrough() throws Exception {
        start("telegraf", "movingAvg", "--windw", "10s", "--pass");
        give("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a value=1 1");
        process.getOutputStream().close();
        assertThat(err())
                .hasLineCount(1)
                .startsWith("E! kapacitor-udf telegraf: ")
                .contains("--windw");
        assertEnds(ExitStatus.USAGE);
    }

    @Test
    void aFunctionThatIsNotInstalledIsToldOnceAndMetricsAreDropped() throws Exception {
        start("telegraf", "nothing");
        give("cpu,host=a value=1 1");
        assertThat(process.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
        process.getOutputStream().close();
        assertThat(answers.readLine()).isNull();
        assertThat(err()).hasLineCount(1).startsWith("E! kapacitor-udf nothing: ");
        assertEnds(ExitStatus.UNKNOWN_FUNCTION);
    }

    @Test
    void configPrintsTheSectionToPaste() throws Exception {
        start("config", "--telegraf", "movingAvg");
        String conf = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(conf)
                .startsWith("[[processors.execd]]\n  command = [\"")
                .contains("\"telegraf\", \"movingAvg\", \"--option\", \"field=")
                .contains("skip_processors_after_aggregators = true");
        assertEnds(ExitStatus.OK);
    }
}
