package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.server.command.RunArguments;
import org.kapacitorudf.server.logging.LogLevel;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.terminal.Terminal;

class RunArgumentsTest {
    private final Terminal terminal = new Terminal(new ByteArrayOutputStream(), new ByteArrayOutputStream(), "", false);

    @AfterEach
    void restore() {
        Logging.level(LogLevel.INFO);
    }

    @Test
    void theNameAlone() {
        assertThat(RunArguments.of(terminal, new String[] {"run", "mirror"}))
                .contains(new RunArguments("mirror", HostOptions.defaults()));
    }

    @Test
    void optionsWithTheirValues() {
        RunArguments arguments = RunArguments.of(
                        terminal, "run mirror --on-error skip --call-limit=2s --grace 1s".split(" "))
                .orElseThrow();
        assertThat(arguments.options().config().onError()).isEqualTo(FailurePolicy.SKIP);
        assertThat(arguments.options().config().callLimit()).isEqualTo(Duration.ofSeconds(2));
        assertThat(arguments.options().grace()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void whatIsSaidOfTheFunctionByNameCountsMoreThanWhatIsSaidOfAll() {
        HostOptions options = RunArguments.of(
                        terminal, "run mirror --on-error=mirror=restart --on-error skip".split(" "))
                .orElseThrow()
                .options();
        assertThat(options.hosted("mirror", udf()).describe().onError()).isEqualTo(FailurePolicy.RESTART);
        assertThat(options.hosted("other", udf()).describe().onError()).isEqualTo(FailurePolicy.SKIP);
        assertThat(options.hostConfig().onError()).isEqualTo(FailurePolicy.DECLARED);
    }

    @ParameterizedTest
    @CsvSource({
        "run mirror,                               SKIP",
        "run mirror --on-error declared,           SKIP",
        "run mirror --on-error fail,               FAIL",
        "run mirror --on-error mirror=restart,     RESTART",
        "run mirror --on-error fail --on-error mirror=declared, SKIP"
    })
    void whatTheFunctionDeclaresCountsUnlessSomethingElseIsSaid(String line, FailurePolicy expected) {
        HostOptions options =
                RunArguments.of(terminal, line.split(" ")).orElseThrow().options();
        assertThat(options.hosted("mirror", udf()).describe().onError()).isEqualTo(expected);
    }

    private static Udf udf() {
        return new Udf() {
            @Override
            public Description describe() {
                return Description.stream("mirror", "is skipped").onError(FailurePolicy.SKIP);
            }

            @Override
            public Handler create(Context context) {
                return (point, output) -> output.point(point);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "list",
                "run --help",
                "run mirror --help",
                "run mirror other",
                "run mirror --call-limit",
                "run mirror --call-limit soon",
                "run mirror --nosuch 1",
                "run mirror --on-error mirror=x",
                "run mirror --on-error other=skip",
                "run --on-error skip mirror",
                "--log-level debug run mirror"
            })
    void everythingElseIsLeftToTheCommandLineLibrary(String line) {
        assertThat(RunArguments.of(terminal, line.split(" "))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run mirror --log-level debug", "--log-level debug run nosuch"})
    void theLogLevelTakesEffect(String line) {
        Main.execute(terminal, "list --log-level error".split(" "));
        assertThat(Logging.level()).isEqualTo(LogLevel.ERROR);
        if (RunArguments.of(terminal, line.split(" ")).isEmpty()) {
            Main.execute(terminal, line.split(" "));
        }
        assertThat(Logging.level()).isEqualTo(LogLevel.DEBUG);
    }
}
