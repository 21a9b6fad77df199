package org.kapacitorudf.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.server.logging.LogLevel;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;

class FunctionsTest {
    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));

    @TempDir
    private Path plugIns;

    @BeforeEach
    void reset() {
        Later.made = 0;
        Logging.level(LogLevel.OFF);
    }

    @AfterEach
    void restore() {
        Logging.level(LogLevel.INFO);
    }

    @Test
    void theExamplesAndTheFunctionsAreInstalled() {
        assertThat(Functions.installed().names()).contains("mirror", "movingAvg", "outliers", "deviation");
    }

    @Test
    void aFunctionThatIsMissingIsAnsweredWithThoseThereAre() {
        assertThatThrownBy(() -> Functions.find("movingaverage"))
                .isInstanceOfSatisfying(
                        CommandException.class, e -> assertThat(e.status()).isEqualTo(ExitStatus.UNKNOWN_FUNCTION))
                .hasMessage("function: movingaverage (expected: one of "
                        + String.join(", ", Functions.installed().names()) + "); did you mean movingAvg?");
        assertThatThrownBy(() -> Functions.of(List.of(), null).require("mirror"))
                .hasMessage("function: mirror (expected: none is installed)");
    }

    @Test
    void aBrokenFunctionDoesNotTakeTheOthersWithIt() throws IOException {
        assertThat(functions(
                                null,
                                "org.example.Nowhere",
                                Unmakeable.class.getName(),
                                Undescribable.class.getName(),
                                Good.class.getName())
                        .names())
                .containsExactly("good");
    }

    @Test
    void aBrokenListDoesNotTakeTheOthersWithIt() throws IOException {
        assertThat(functions(null, "not a class name").names()).isEmpty();
    }

    @Test
    void ofTwoWithOneNameTheFirstIsUsed() throws IOException {
        Functions functions = functions(null, Good.class.getName(), Later.class.getName());
        assertThat(functions.require("good")).isInstanceOf(Good.class);
    }

    @Test
    void lookingForOneMakesNoneAfterIt() throws IOException {
        functions("good", Good.class.getName(), Later.class.getName());
        assertThat(Later.made).isZero();
        functions("other", Good.class.getName(), Later.class.getName());
        assertThat(Later.made).isOne();
    }

    @Test
    void aPlugInWithANameThatIsTakenIsNamedAndIgnored() throws Exception {
        Path directory = Files.createDirectory(plugIns.resolve("jars"));
        PlugInJars.function("Other", "good", "1.0").to(directory, "other.jar");
        PlugInJars.function("Alarm", "alarm", "1.0").to(directory, "zeta.jar");
        Functions functions = functions(null, Good.class.getName()).withPlugIns(PlugIn.in(directory), null);
        assertThat(functions.names()).containsExactly("alarm", "good");
        assertThat(functions.require("good")).isInstanceOf(Good.class);
        assertThatThrownBy(() -> functions.require("nosuch"))
                .hasMessage("ignored: other.jar: good (expected: one function of the name; " + Good.class.getName()
                        + " is used); function: nosuch (expected: one of alarm, good)");
    }

    @Test
    void lookingForOneLoadsNoPlugInAfterIt() throws Exception {
        Path directory = Files.createDirectory(plugIns.resolve("jars"));
        PlugInJars.function("Alarm", "alarm", "1.0").to(directory, "a.jar");
        Path older = Files.writeString(directory.resolve("b.jar"), "no jar");
        Files.setLastModifiedTime(older, LONG_AGO);
        Functions functions = functions(null).withPlugIns(PlugIn.in(directory), "alarm");
        assertThatThrownBy(() -> functions.require("nosuch")).hasMessage("function: nosuch (expected: one of alarm)");
    }

    @ParameterizedTest
    @CsvSource({"1.0, 1.1", "1.1, 1.0", "9, 10"})
    void ofTwoJarsWithAFunctionTheOneThatWasModifiedLastIsUsed(String older, String newer) throws Exception {
        Path directory = Files.createDirectory(plugIns.resolve("jars")).toRealPath();
        PlugInJars alarm = PlugInJars.function("Alarm", "alarm", "1.0");
        Files.setLastModifiedTime(alarm.to(directory, "alarm-" + older + ".jar"), LONG_AGO);
        Path used = alarm.to(directory, "alarm-" + newer + ".jar");
        PlugInJars.function("Other", "other", "1.0").to(directory, "other.jar");
        for (String last : Arrays.asList(null, "alarm")) {
            Functions functions = functions(null).withPlugIns(PlugIn.in(directory), last);
            assertThat(functions.require("alarm").getClass().getClassLoader().getName())
                    .isEqualTo("alarm-" + newer + ".jar");
            assertThat(functions.ignored())
                    .containsExactly("alarm-" + older + ".jar: alarm (expected: one function of the name; Alarm of "
                            + used + " is used)");
        }
    }

    @Test
    void ofTwoJarsOfTheSameAgeTheLastNameIsUsed() throws Exception {
        Path directory = Files.createDirectory(plugIns.resolve("jars"));
        PlugInJars alarm = PlugInJars.function("Alarm", "alarm", "1.0");
        for (String file : List.of("alarm-1.0.jar", "alarm-1.1.jar")) {
            Files.setLastModifiedTime(alarm.to(directory, file), LONG_AGO);
        }
        Functions functions = functions(null).withPlugIns(PlugIn.in(directory), null);
        assertThat(functions.require("alarm").getClass().getClassLoader().getName())
                .isEqualTo("alarm-1.1.jar");
    }

    private Functions functions(String last, String... providers) throws IOException {
        Path list = plugIns.resolve("META-INF/services/org.kapacitorudf.Udf");
        Files.createDirectories(list.getParent());
        Files.write(list, List.of(providers));
        ClassLoader parent = new ClassLoader(getClass().getClassLoader()) {
            @Override
            public Enumeration<URL> getResources(String name) {
                return Collections.emptyEnumeration();
            }
        };
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {plugIns.toUri().toURL()}, parent)) {
            return Functions.of(ServiceLoader.load(Udf.class, loader), last);
        }
    }

    /** What it does is irrelevant. */
    public abstract static class Named implements Udf {
        private final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        public Description describe() {
            return Description.stream(name, "");
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {};
        }
    }

    public static final class Good extends Named {
        public Good() {
            super("good");
        }
    }

    public static final class Later extends Named {
        static int made;

        public Later() {
            super("good");
            made++;
        }
    }

    public static final class Unmakeable extends Named {
        public Unmakeable() {
            super("unmakeable");
            throw new NoClassDefFoundError("org/example/Missing");
        }
    }

    public static final class Undescribable extends Named {
        public Undescribable() {
            super("undescribable");
        }

        @Override
        public Description describe() {
            throw new IllegalStateException("no description");
        }
    }
}
