package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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

    @Test
    void kapacitorKnowsTheFunctionsOfItsTasksAsTheProgramPrintsThem() throws IOException {
        String conf = read("docker/compose/kapacitor/kapacitor.conf");
        Set<String> functions = new TreeSet<>();
        try (Stream<Path> tasks = Files.list(ROOT.resolve("docker/compose/kapacitor/load/tasks"))) {
            for (Path task : tasks.toList()) {
                Pattern.compile("@(\\w+)\\(\\)")
                        .matcher(Files.readString(task))
                        .results()
                        .forEach(use -> functions.add(use.group(1)));
            }
        }
        assertThat(functions).hasSizeGreaterThan(5).allSatisfy(function -> {
            assertThat(Functions.installed().names()).contains(function);
            assertThat(conf)
                    .contains(KapacitorConf.socket(function, Path.of(SocketPaths.DEFAULT_DIR, function + ".sock")));
        });
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
