package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.server.install.KapacitorConf;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.plugin.Functions;

/** The files of the container image fit each other, and the program; {@code scripts/docker-smoke} builds and runs it. */
@Tag("one-jdk")
class ContainerFilesTest {
    private static final Path ROOT = Path.of(System.getProperty("kapacitor-udf.scripts"), "..");

    @Test
    void whatTheImageIsMadeOfIsThere() throws IOException {
        List<String> paths = found("\\$root/([\\w./-]+)\"", "docker/assemble");

        assertThat(paths).contains("docker/healthcheck", "scripts/kapacitor-udf");
        assertThat(paths)
                .filteredOn(path -> !path.startsWith("server/target/"))
                .allSatisfy(path -> assertThat(ROOT.resolve(path)).exists());
    }

    @Test
    void theServerMayBeReachedByTheGroupThatKapacitorIsIn() throws IOException {
        List<String> group = found("--gid (\\d+) kapacitor-udf", "docker/Dockerfile");

        assertThat(group).hasSize(1);
        assertThat(found("group_add:\\s+- \"(\\d+)\"", "docker/compose.yaml")).isEqualTo(group);
        assertThat(found("container_id=(\\d+)", "scripts/docker-smoke")).isEqualTo(group);
    }

    @Test
    void theSocketsAreWhereTheServerMakesThem() throws IOException {
        assertThat(found("VOLUME \\[\"([^\"]+)\"]", "docker/Dockerfile")).containsExactly(SocketPaths.DEFAULT_DIR);
        assertThat(found("sockets:(/[\\w/-]+)", "docker/compose.yaml")).containsOnly(SocketPaths.DEFAULT_DIR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"movingAvg", "outliers"})
    void kapacitorKnowsTheFunctionsOfItsTaskAsTheProgramPrintsThem(String function) throws IOException {
        Path socket = Path.of(SocketPaths.DEFAULT_DIR, function + ".sock");

        assertThat(Functions.installed().names()).contains(function);
        assertThat(read("docker/compose/kapacitor/kapacitor.conf")).contains(KapacitorConf.socket(function, socket));
        assertThat(read("docker/compose/kapacitor/load/tasks/cpu.tick")).contains("@" + function + "()");
    }

    private static List<String> found(String pattern, String file) throws IOException {
        return Pattern.compile(pattern)
                .matcher(read(file))
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    private static String read(String file) throws IOException {
        return Files.readString(ROOT.resolve(file));
    }
}
