package org.kapacitorudf.server.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketPathsTest {
    private static final List<String> INSTALLED = List.of("mirror", "movingAvg", "outliers");
    private static final Path DIR = Path.of("/srv");
    private static final Map<String, Path> NONE = Map.of();
    private static final Map<String, Path> OWN = Map.of("mirror", Path.of("/tmp/m.sock"));

    @Test
    void allAreServedUnlessSomeAreNamed() {
        assertThat(SocketPaths.choose(INSTALLED, List.of(), null, NONE))
                .containsOnlyKeys(INSTALLED)
                .containsEntry("mirror", Path.of("/run/kapacitor-udf/mirror.sock"));
        assertThat(SocketPaths.choose(INSTALLED, List.of("mirror"), DIR, NONE))
                .containsExactly(Map.entry("mirror", Path.of("/srv/mirror.sock")));
    }

    @Test
    void aPathOfItsOwnAloneServesThatFunctionAlone() {
        assertThat(SocketPaths.choose(INSTALLED, List.of(), null, OWN)).containsExactlyEntriesOf(OWN);
    }

    @Test
    void aPathOfItsOwnIsAnExceptionFromTheDirectory() {
        assertThat(SocketPaths.choose(INSTALLED, List.of(), DIR, OWN))
                .containsExactly(
                        Map.entry("mirror", Path.of("/tmp/m.sock")),
                        Map.entry("movingAvg", Path.of("/srv/movingAvg.sock")),
                        Map.entry("outliers", Path.of("/srv/outliers.sock")));
        assertThat(SocketPaths.choose(INSTALLED, List.of("outliers"), null, OWN))
                .containsOnlyKeys("mirror", "outliers");
    }

    @Test
    void pathsAreAbsolute() {
        assertThat(SocketPaths.in(Path.of("x/../y"), "mirror"))
                .isEqualTo(Path.of("y/mirror.sock").toAbsolutePath());
        assertThat(SocketPaths.parse("mirror=m=1.sock"))
                .isEqualTo(Map.entry("mirror", Path.of("m=1.sock").toAbsolutePath()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mirror", "mirror=", "=/tmp/m.sock"})
    void whatIsNoNameAndPathIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketPaths.parse(text))
                .withMessage(text + " (expected: NAME=PATH)");
    }
}
