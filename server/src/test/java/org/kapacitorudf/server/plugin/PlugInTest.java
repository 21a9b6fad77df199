package org.kapacitorudf.server.plugin;

import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.testkit.UdfDriver;

class PlugInTest {
    @TempDir
    private Path temporary;

    private Path directory;
    private final List<String> ignored = new ArrayList<>();
    private final List<String> incomplete = new ArrayList<>();
    private final PlugIn.Problems problems = new PlugIn.Problems() {
        @Override
        public void ignored(String file, String reason, Throwable cause) {
            ignored.add(file + ": " + reason);
        }

        @Override
        public void incomplete(String file, String reason) {
            incomplete.add(file + ": " + reason);
        }
    };

    @BeforeEach
    void make() throws Exception {
        directory = Files.createDirectory(temporary.resolve("plugins")).toRealPath();
    }

    @Test
    void aPlugInSeesWhatTheAgentExportsButForEmbed() throws Exception {
        ModuleDescriptor descriptor =
                ModuleFinder.of(PlugInJars.agent()).findAll().iterator().next().descriptor();
        assertThat(descriptor.exports().stream()
                        .filter(exported -> !exported.isQualified())
                        .map(ModuleDescriptor.Exports::source)
                        .filter(name -> !name.equals("org.kapacitorudf.embed")))
                .containsExactlyInAnyOrderElementsOf(SharedClasses.API);
    }

    @Test
    void aJarsFunctionsAreLoaded() throws Exception {
        PlugInJars.function("Alarm", "alarm", "1.0").to(directory, "alarm.jar");
        assertThat(resultOf("alarm")).isEqualTo("m is=1.0 0");
        assertThat(ignored).isEmpty();
    }

    @Test
    void eachHasItsOwnLibraries() throws Exception {
        PlugInJars.of(Map.of("Lib", "class Lib { static double is() { return 1; } }"))
                .to(directory.resolve("one"), "lib.jar");
        PlugInJars.of(Map.of("Lib", "class Lib { static double is() { return 2; } }"))
                .to(directory.resolve("two"), "lib.jar");
        usingLib("One", "one").to(directory, "one.jar");
        usingLib("Two", "two").to(directory.resolve("two"), "two-1.0.jar");
        assertThat(resultOf("one")).isEqualTo("m is=1.0 0");
        assertThat(resultOf("two")).isEqualTo("m is=2.0 0");
        assertThat(ignored).isEmpty();
    }

    private static PlugInJars usingLib(String type, String name) throws Exception {
        return PlugInJars.of(Map.of(
                        type, """
                        import org.kapacitorudf.*; import org.kapacitorudf.agent.*; import org.kapacitorudf.errors.*; import org.kapacitorudf.option.*; import org.kapacitorudf.state.*;
                        public final class %s implements Udf {
                            private final double is = Lib.is();
                            public Description describe() { return Description.stream("%s", ""); }
                            public Handler create(Context context) {
                                return (point, output) -> output.point(point.withFields(Fields.of("is", is)));
                            }
                        }
                        """.formatted(type, name), "Lib", "class Lib { static double is() { return 0; } }"))
                .without("Lib.class")
                .naming(type);
    }

    @Test
    void theApiTheJdkAndSlf4jAreSharedAndTheHostsLibrariesAreNot() throws Exception {
        PlugInJars.function("Alarm", "alarm", "1.0").to(directory, "alarm.jar");
        ClassLoader loader = load().get(0).udf().getClass().getClassLoader();
        for (String shared :
                List.of("org.kapacitorudf.Point", "org.slf4j.Logger", "java.util.List", "java.sql.Connection")) {
            assertThat(loader.loadClass(shared)).isSameAs(Class.forName(shared));
        }
        for (String own :
                List.of("picocli.CommandLine", "org.kapacitorudf.testkit.UdfDriver", "io.netty.buffer.ByteBuf")) {
            assertThatThrownBy(() -> loader.loadClass(own)).isInstanceOf(ClassNotFoundException.class);
        }
        assertThat(loader.getResources("META-INF/services/org.kapacitorudf.Udf").asIterator())
                .toIterable()
                .hasSize(1);
    }

    @Test
    void aFunctionWhoseLibraryIsNotThereIsToldBeforeItsFirstPoint() throws Exception {
        usingLibLater().without("Lib.class").to(directory, "late.jar");
        assertThat(load()).extracting(PlugIn.Function::name).containsExactly("late");
        assertThat(incomplete)
                .containsExactly(
                        "late.jar: late: needs Lib, which is missing (expected: in the jar, or in a jar in late/ next to it)");
        assertThat(ignored).isEmpty();
    }

    @Test
    void aFunctionWhoseLibraryIsThereIsComplete() throws Exception {
        usingLibLater().to(directory, "late.jar");
        load();
        assertThat(incomplete).isEmpty();
    }

    @Test
    void ofTheFunctionThatIsRunAloneMissingClassesAreLookedFor() throws Exception {
        usingLibLater().without("Lib.class").to(directory, "late.jar");
        for (PlugIn plugIn : PlugIn.in(directory)) {
            assertThat(plugIn.load("other", problems)).hasSize(1);
            assertThat(incomplete).isEmpty();
            plugIn.load("late", problems);
            assertThat(incomplete).hasSize(1);
        }
    }

    /** Uses the library in a separate class at the first point. */
    private static PlugInJars usingLibLater() throws Exception {
        return PlugInJars.of(Map.of("Late", """
                        import org.kapacitorudf.*; import org.kapacitorudf.agent.*; import org.kapacitorudf.errors.*; import org.kapacitorudf.option.*; import org.kapacitorudf.state.*;
                        public final class Late implements Udf {
                            public Description describe() { return Description.stream("late", ""); }
                            public Handler create(Context context) { return new Work(); }
                            private static final class Work implements Handler {
                                public void point(Point point, Output output) {
                                    output.point(point.withFields(Fields.of("is", new Lib[] {new Lib()}[0].is())));
                                }
                            }
                        }
                        """, "Lib", "class Lib { double is() { return 0; } }"))
                .naming("Late");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gone      | Gone: not in the jar (expected: the class, for META-INF/services/org.kapacitorudf.Udf names it)",
                "throwing  | Throwing: cannot be created: java.lang.IllegalStateException: thrown",
                "describing| Describing: cannot be created: java.lang.IllegalStateException: described",
                "initial   | Initial: cannot be created: java.lang.IllegalStateException: initial",
                "needy     | Needy: needs Lib, which is missing (expected: in the jar, or in a jar in broken/ next to it)",
                "future    | Future: Future has been compiled by a more recent version of the Java Runtime (class file version 120.0)",
                "other     | Other: does not implement org.kapacitorudf.Udf",
                "hidden    | Hidden: cannot be created (expected: a public class with a public constructor without parameters)",
                "text      | cannot be read as a jar: "
            })
    void aBrokenJarIsNamedAndTheOthersAreLoaded(String kind, String reason) throws Exception {
        PlugInJars.function("Alarm", "alarm", "1.0").to(directory, "alarm.jar");
        switch (kind) {
            case "gone" ->
                PlugInJars.of(Map.of("Other", "class Other {}")).naming("Gone").to(directory, "broken.jar");
            case "throwing" -> made("Throwing", "public Throwing() { throw new IllegalStateException(\"thrown\"); }");
            case "describing" -> made("Describing", "{ }", "throw new IllegalStateException(\"described\");");
            case "initial" -> made("Initial", "static { if (true) throw new IllegalStateException(\"initial\"); }");
            case "needy" -> usingLib("Needy", "needy").to(directory, "broken.jar");
            case "future" ->
                PlugInJars.function("Future", "future", "1.0")
                        .fromTheFuture("Future")
                        .to(directory, "broken.jar");
            case "other" ->
                PlugInJars.of(Map.of("Other", "public class Other {}"))
                        .naming("Other")
                        .to(directory, "broken.jar");
            case "hidden" -> made("Hidden", "private Hidden() {}");
            default -> Files.writeString(directory.resolve("broken.jar"), "this is no jar");
        }
        assertThat(load()).extracting(PlugIn.Function::name).containsExactly("alarm");
        assertThat(ignored).singleElement().asString().startsWith("broken.jar: " + reason);
    }

    private void made(String type, String members) throws Exception {
        made(type, members, "return Description.stream(\"x\", \"\");");
    }

    private void made(String type, String members, String describe) throws Exception {
        PlugInJars.of(Map.of(
                        type,
                        "import org.kapacitorudf.*; import org.kapacitorudf.agent.*; import org.kapacitorudf.errors.*; import org.kapacitorudf.option.*; import org.kapacitorudf.state.*; public final class "
                                + type + " implements Udf { " + members
                                + " public Description describe() { " + describe + " }"
                                + " public Handler create(Context context) { return (point, output) -> {}; } }"))
                .naming(type)
                .to(directory, "broken.jar");
    }

    @Test
    void oneFunctionOfAJarMayBeBroken() throws Exception {
        PlugInJars.function("Alarm", "alarm", "1.0").naming("Gone").to(directory, "alarm.jar");
        assertThat(load()).extracting(PlugIn.Function::name).containsExactly("alarm");
        assertThat(ignored).singleElement().asString().startsWith("alarm.jar: Gone: ");
    }

    @Test
    void ofTwoJarsInOnePlugInTheOneThatWasModifiedLastIsUsed() throws Exception {
        Path alarms = directory.resolve("alarms");
        Path older = PlugInJars.function("Alarm", "alarm", "1.0").to(alarms, "alarm-1.0.jar");
        Files.setLastModifiedTime(older, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        Path newer = PlugInJars.function("Alarm", "alarm", "2.0").to(alarms, "alarm-1.1.jar");
        assertThat(resultOf("alarm")).isEqualTo("m is=2.0 0");
        assertThat(ignored)
                .containsExactly(
                        "alarm-1.0.jar: alarm (expected: one function of the name; Alarm of " + newer + " is used)");
    }

    @Test
    void whatElseIsInMavensTargetIsPassedOverInSilence() throws Exception {
        PlugInJars alarm = PlugInJars.function("Alarm", "alarm", "1.0");
        alarm.to(directory, "alarm-1.0.jar");
        alarm.to(directory, "original-alarm-1.0.jar");
        alarm.to(directory.resolve("classes"), "notes.txt");
        alarm.without("Alarm.class").to(directory, "alarm-1.0-sources.jar");
        PlugInJars.of(Map.of("Other", "public class Other {}")).to(directory, "alarm-1.0-tests.jar");
        Files.writeString(directory.resolve("notes.txt"), "no jar");
        Files.createDirectory(directory.resolve("odd.jar"));
        assertThat(load()).extracting(PlugIn.Function::file).containsExactly("alarm-1.0.jar");
        assertThat(ignored).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"rwxrwxr-x, its group", "rwxr-xrwx, everybody", "rwxrwxrwx, everybody"})
    void aDirectoryThatOthersMayWriteToIsRefused(String permissions, String who) throws Exception {
        Files.setPosixFilePermissions(directory, fromString(permissions));
        assertThatThrownBy(() -> PlugIn.in(directory))
                .isInstanceOf(UnusableDirectoryException.class)
                .hasMessage(directory + ": writable by " + who + " (expected: only by its owner; type: chmod -R go-w "
                        + directory + ")");
    }

    @Test
    void aJarThatOthersMayWriteToIsRefused() throws Exception {
        Path jar = PlugInJars.function("Alarm", "alarm", "1.0").to(directory, "alarm.jar");
        Files.setPosixFilePermissions(jar, fromString("rw-rw-r--"));
        assertThat(load()).isEmpty();
        assertThat(ignored)
                .containsExactly("alarm.jar: " + jar
                        + ": writable by its group (expected: only by its owner; type: chmod -R go-w " + jar + ")");
    }

    @Test
    void aLibrarysDirectoryThatOthersMayWriteToIsRefused() throws Exception {
        PlugInJars.function("Alarm", "alarm", "1.0").to(directory, "alarm.jar");
        PlugInJars.of(Map.of("Other", "public class Other {}")).to(directory.resolve("alarm"), "lib.jar");
        Files.setPosixFilePermissions(directory.resolve("alarm"), fromString("rwxrwxrwx"));
        assertThat(load()).isEmpty();
        assertThat(ignored).singleElement().asString().contains("/alarm: writable by everybody");
    }

    @Test
    void aLinkIsJudgedByWhereItLeads() throws Exception {
        Path elsewhere = Files.createDirectory(temporary.toRealPath().resolve("else where"));
        Files.createSymbolicLink(
                directory.resolve("alarm.jar"),
                PlugInJars.function("Alarm", "alarm", "1.0").to(elsewhere, "a.jar"));
        Files.setPosixFilePermissions(elsewhere, fromString("rwxrwxrwx"));
        assertThat(load()).isEmpty();
        assertThat(ignored).singleElement().asString().endsWith("type: chmod -R go-w '" + elsewhere + "')");
    }

    @ParameterizedTest
    @CsvSource({"0, 7, true", "7, 7, true", "8, 7, false", "8, 0, false"})
    void onlyRootAndTheUserMayOwnIt(int owner, int user, boolean fine) {
        assertThat(Rights.problem(Path.of("/p"), owner, user, fromString("rwxr-xr-x"))
                        .isEmpty())
                .isEqualTo(fine);
    }

    @Test
    void anotherOwnerIsNamed() {
        assertThat(Rights.problem(Path.of("/p"), 8, 7, fromString("rwxr-xr-x")))
                .hasValue("/p: owned by uid 8 (expected: by root or uid 7; type: chown 7 /p)");
    }

    @Test
    void aDirectoryThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> PlugIn.in(directory.resolve("no")))
                .hasMessageStartingWith(directory + "/no (expected: a readable directory): ");
    }

    private List<PlugIn.Function> load() throws UnusableDirectoryException {
        List<PlugIn.Function> functions = new ArrayList<>();
        for (PlugIn plugIn : PlugIn.in(directory)) {
            functions.addAll(plugIn.load(null, problems));
        }
        return functions;
    }

    private String resultOf(String name) throws UnusableDirectoryException {
        PlugIn.Function function = load().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        UdfDriver driver = UdfDriver.of(function.udf()).start();
        driver.pipe("m value=1 0");
        return driver.read().get(0);
    }
}
