package org.kapacitorudf.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.server.tasks.KapacitorStandIn;

/** The statements of docs/security.md about the whole program. */
@Tag("slow")
@Timeout(600)
class SecurityTest {
    private static final String SECRET = "sesame";

    @TempDir
    private Path directory;

    private Process process;

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void whateverTheUmaskOnlyTheServersUserMayWriteWhereItsSocketsAre() throws Exception {
        Path sockets = directory.resolve("run/sockets");
        List<String> command = new ArrayList<>(List.of("sh", "-c", "umask 0; exec \"$@\"", "sh"));
        command.addAll(Installed.in(directory).words("serve", "mirror", "--dir", sockets.toString()));
        process = new ProcessBuilder(command).start();
        assertThat(process.inputReader().readLine()).startsWith("mirror: listening");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sockets)))
                .isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sockets.getParent())))
                .isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sockets.resolve("mirror.sock"))))
                .isEqualTo("rw-rw----");
    }

    @Test
    void theCredentialsForKapacitorAreNowhereToBeSeen() throws Exception {
        Path sockets = directory.resolve("sockets");
        Path credentials = Files.writeString(directory.resolve("credentials"), "user:" + SECRET);
        Path log = directory.resolve("log");
        try (KapacitorStandIn api = KapacitorStandIn.start(InstantSource.system())) {
            api.task("task", Instant.now(), "mirror");
            List<String> command = new ArrayList<>(Installed.in(directory)
                    .words(
                            "serve",
                            "mirror",
                            "--dir",
                            sockets.toString(),
                            "--kapacitor",
                            api.url(),
                            "--kapacitor-credentials",
                            credentials.toString(),
                            "--log-level",
                            "trace",
                            "--trace",
                            "mirror",
                            "--metrics",
                            "0"));
            for (String accepted : List.of("Basic " + encoded(), "Basic another")) {
                api.require(accepted);
                process = new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
                BufferedReader out = process.inputReader();
                String pages = out.readLine().replace("metrics: listening on ", "");
                assertThat(out.readLine()).startsWith("mirror: listening");
                Path file = sockets.resolve("tasks.json");
                try (Kapacitor kapacitor = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
                    kapacitor.init("task", "mirror2");
                    while (!Files.exists(file) || !Files.readString(file).contains("mirror2")) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    for (String page : List.of("", "status.json", "metrics", "readyz")) {
                        assertThat(get(pages + page)).doesNotContain(SECRET, encoded());
                    }
                    assertThat(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")))
                            .contains("--kapacitor-credentials")
                            .doesNotContain(SECRET, encoded());
                    process.destroyForcibly().waitFor();
                } catch (StandInException e) {
                    // It has been killed.
                }
                assertThat(Files.readString(file)).doesNotContain(SECRET, encoded());
            }
        }
        assertThat(Files.readString(log)).contains("TRACE").doesNotContain(SECRET, encoded());
    }

    private static String encoded() {
        return Base64.getEncoder().encodeToString(("user:" + SECRET).getBytes(StandardCharsets.UTF_8));
    }

    private static String get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    @Tag("one-jdk")
    void nothingMakesObjectsOfClassesThatDataName() {
        // Looking up each JDK class takes longer than everything else, and its name is sufficient.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new DoNotIncludeTests())
                .importPackages("org.kapacitorudf");
        assertThat(classes.contain("org.kapacitorudf.Point")).isTrue();
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.io\\.(Object(In|Out)putStream|Externalizable)|java\\.beans\\.XML(De|En)coder"
                                + "|javax\\.script\\..*|java\\.rmi\\..*|javax\\.naming\\..*|.*PolymorphicTypeValidator|.*JsonTypeInfo")
                .orShould()
                .callMethodWhere(new DescribedPredicate<>("types are taken from data") {
                    @Override
                    public boolean test(JavaMethodCall call) {
                        return call.getName().matches("(activate|set)DefaultTyping.*");
                    }
                })
                .check(classes);
    }
}
