package org.kapacitorudf;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;

/** Checks the dependencies in docs/design.md: packages depend on each other in one direction only. */
@ArchTag("one-jdk")
@AnalyzeClasses(
        packages = "org.kapacitorudf",
        importOptions = {DoNotIncludeTests.class, ArchitectureTest.NotOfTests.class})
final class ArchitectureTest {
    /** Classes shared by the tests of several modules are not part of the library. */
    static final class NotOfTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("testing-internal");
        }
    }

    /** The exported packages that authors of functions and of programs use. */
    private static final String[] API = {
        "org.kapacitorudf",
        "org.kapacitorudf.agent",
        "org.kapacitorudf.errors",
        "org.kapacitorudf.option",
        "org.kapacitorudf.state"
    };

    @ArchTest
    static final ArchRule PACKAGES_DEPEND_ON_EACH_OTHER_IN_ONE_DIRECTION = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("org.kapacitorudf..")
            .layer("embed")
            .definedBy("org.kapacitorudf.embed")
            .layer("session")
            .definedBy("org.kapacitorudf.internal.session")
            .layer("output")
            .definedBy("org.kapacitorudf.internal.output")
            .layer("host")
            .definedBy("org.kapacitorudf.internal.host")
            .layer("snapshot")
            .definedBy("org.kapacitorudf.internal.snapshot")
            .layer("codec")
            .definedBy("org.kapacitorudf.internal.codec")
            .layer("channel")
            .definedBy("org.kapacitorudf.internal.channel")
            .layer("process")
            .definedBy("org.kapacitorudf.internal.process")
            .layer("api")
            .definedBy("org.kapacitorudf")
            .layer("agent")
            .definedBy("org.kapacitorudf.agent")
            .layer("option")
            .definedBy("org.kapacitorudf.option")
            .layer("state")
            .definedBy("org.kapacitorudf.state")
            .layer("errors")
            .definedBy("org.kapacitorudf.errors")
            .layer("line")
            .definedBy("org.kapacitorudf.internal.line")
            .layer("wire")
            .definedBy("org.kapacitorudf.internal.wire")
            .layer("proto")
            .definedBy("org.kapacitorudf.proto")
            .ensureAllClassesAreContainedInArchitecture()
            .whereLayer("embed")
            .mayOnlyAccessLayers("session", "host", "process", "channel", "api", "agent", "errors")
            .whereLayer("session")
            .mayOnlyAccessLayers(
                    "output", "host", "codec", "channel", "process", "api", "agent", "option", "errors", "wire",
                    "proto")
            .whereLayer("output")
            .mayOnlyAccessLayers("host", "codec", "channel", "api", "agent", "errors", "wire", "proto")
            .whereLayer("host")
            .mayOnlyAccessLayers("snapshot", "process", "api", "agent", "option", "state", "errors", "line", "wire")
            .whereLayer("snapshot")
            .mayOnlyAccessLayers("api", "state", "errors", "wire")
            .whereLayer("codec")
            .mayOnlyAccessLayers("api", "option", "errors", "line", "wire", "proto")
            .whereLayer("channel")
            .mayOnlyAccessLayers("process")
            .whereLayer("process")
            .mayNotAccessAnyLayer()
            .whereLayer("api")
            .mayOnlyAccessLayers("agent", "option", "state", "errors", "line", "wire")
            .whereLayer("agent")
            .mayOnlyAccessLayers("errors")
            .whereLayer("option")
            .mayOnlyAccessLayers("errors", "line")
            .whereLayer("state")
            .mayOnlyAccessLayers("errors")
            .whereLayer("errors")
            .mayNotAccessAnyLayer()
            .whereLayer("line")
            .mayOnlyAccessLayers("wire")
            .whereLayer("wire")
            .mayNotAccessAnyLayer();

    @ArchTest
    static final ArchRule THE_API_MENTIONS_NEITHER_NETTY_NOR_PROTOBUF = noClasses()
            .that()
            .resideInAnyPackage(API)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "com.google.protobuf..", "tools.jackson..");

    /** A program that compiles against the API does not have these annotations: javac would warn about each of them. */
    @ArchTest
    static final ArchRule THE_API_HAS_NO_ANNOTATIONS_OF_ERROR_PRONE = noClasses()
            .that()
            .resideInAPackage("org.kapacitorudf..")
            .and()
            .resideOutsideOfPackage("org.kapacitorudf.internal..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.google.errorprone..");

    @ArchTest
    static final ArchRule THE_HOST_KNOWS_NEITHER_NETTY_NOR_PROTOBUF = noClasses()
            .that()
            .resideInAPackage("org.kapacitorudf.internal.host")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "com.google.protobuf..", "org.kapacitorudf.proto..");

    @ArchTest
    static final ArchRule NETTY_IS_IN_SESSION_OUTPUT_CODEC_CHANNEL_AND_EMBED_ALONE = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "org.kapacitorudf.embed",
                    "org.kapacitorudf.internal.session",
                    "org.kapacitorudf.internal.output",
                    "org.kapacitorudf.internal.codec",
                    "org.kapacitorudf.internal.channel")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule A_LIBRARY_CHOOSES_NO_LOGGING_BACKEND_AND_NO_COMMAND_LINE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ch.qos.logback..", "picocli..", "io.micrometer..");

    /**
     * The clock may be changed during a call, a timer or a connection. The time is provided by {@code AgentRuntime};
     * the view has the time of a failure.
     */
    @ArchTest
    static final ArchRule NOTHING_USES_THE_WALL_CLOCK_UNASKED = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("org.kapacitorudf.internal.session.AgentRuntime")
            .and()
            .doNotHaveFullyQualifiedName("org.kapacitorudf.internal.session.SessionView")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(InstantSource.class, "system")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Clock.class, Date.class);

    @ArchTest
    static final ArchRule THE_SNAPSHOT_PACKAGE_ALONE_KNOWS_THE_SERIALISER = noClasses()
            .that()
            .resideOutsideOfPackage("org.kapacitorudf.internal.snapshot")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("tools.jackson..");
}
