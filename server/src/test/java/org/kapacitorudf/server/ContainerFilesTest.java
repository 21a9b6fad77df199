package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.server.install.KapacitorConf;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.plugin.Functions;

/**
 * The files of the container image are consistent with each other and with the program; {@code scripts/docker-smoke}
 * builds and runs it.
 */
@Tag("one-jdk")
class ContainerFilesTest {
    private static final String TASKS = "docker/compose/kapacitor/load/tasks";
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
    @ValueSource(strings = {"cpu", "unusual-load", "disk-full", "unlike-peers", "level-shift", "slow-requests"})
    void kapacitorKnowsTheFunctionsOfItsTasksAsTheProgramPrintsThem(String task) throws IOException {
        List<String> functions = found("@(\\w+)\\(\\)", TASKS + "/" + task + ".tick");

        assertThat(functions).isNotEmpty();
        assertThat(Functions.installed().names()).containsAll(functions);
        for (String function : functions) {
            Path socket = Path.of(SocketPaths.DEFAULT_DIR, function + ".sock");
            assertThat(read("docker/compose/kapacitor/kapacitor.conf"))
                    .contains(KapacitorConf.socket(function, socket));
        }
    }

    /** Telegraf names a measurement after its input. */
    @Test
    void telegrafCollectsWhatTheTasksRead() throws IOException {
        List<String> inputs = found("\\[\\[inputs\\.(\\w+)]]", "docker/compose/telegraf/telegraf.conf");

        for (String task : tasks()) {
            assertThat(inputs).as(task).containsAll(found("\\|from\\(\\)\\s+\\.measurement\\('(\\w+)'\\)", task));
        }
    }

    @Test
    void theTasksOfTheMachineRoomAlertToTheTopicThatHasAHandler() throws IOException {
        List<String> topics = new ArrayList<>();
        for (String task : tasks()) {
            topics.addAll(found("\\.topic\\('([^']+)'\\)", task));
        }

        assertThat(topics).hasSize(5);
        assertThat(found("(?m)^topic: (.*)$", "docker/compose/kapacitor/load/handlers/machine-room.yaml"))
                .containsExactlyElementsOf(Set.copyOf(topics));
        assertThat(found("alerts/topics/([\\w-]+)/", "scripts/machine-room")).containsOnly("machine-room");
    }

    /** The files that Kapacitor loads are mounted where its configuration expects them. */
    @Test
    void kapacitorLoadsTheDirectoryOfTheTasks() throws IOException {
        assertThat(found("\\./([\\w/]+/load):/etc/kapacitor/load:ro", "docker/compose.yaml"))
                .containsExactly("compose/kapacitor/load");
        assertThat(found(
                        "(?s)\\[load]\\s+enabled = true\\s+dir = \"([^\"]+)\"",
                        "docker/compose/kapacitor/kapacitor.conf"))
                .containsExactly("/etc/kapacitor/load");
    }

    private static List<String> tasks() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve(TASKS))) {
            return files.map(file -> TASKS + "/" + file.getFileName()).sorted().toList();
        }
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
