package org.kapacitorudf;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;

/** Holds the arrows of docs/design: layers point one way, and a user's API knows nothing of what is below it. */
@ArchTag("one-jdk")
@AnalyzeClasses(packages = "org.kapacitorudf", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule LAYERS_POINT_ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("org.kapacitorudf..")
            .layer("embed")
            .definedBy("org.kapacitorudf.embed..")
            .layer("session")
            .definedBy("org.kapacitorudf.session..")
            .layer("channel")
            .definedBy("org.kapacitorudf.channel..")
            .layer("codec")
            .definedBy("org.kapacitorudf.codec..")
            .layer("state")
            .definedBy("org.kapacitorudf.state..")
            .layer("api")
            .definedBy("org.kapacitorudf")
            .layer("wire")
            .definedBy("org.kapacitorudf.wire..")
            .layer("proto")
            .definedBy("org.kapacitorudf.proto..")
            .whereLayer("embed")
            .mayOnlyAccessLayers("session", "channel", "api")
            .whereLayer("session")
            .mayOnlyAccessLayers("channel", "codec", "state", "api", "wire", "proto")
            .whereLayer("channel")
            .mayNotAccessAnyLayer()
            .whereLayer("codec")
            .mayOnlyAccessLayers("api", "wire", "proto")
            .whereLayer("state")
            .mayOnlyAccessLayers("api", "wire")
            .whereLayer("api")
            .mayOnlyAccessLayers("wire")
            .whereLayer("wire")
            .mayNotAccessAnyLayer();

    @ArchTest
    static final ArchRule THE_API_MENTIONS_NEITHER_NETTY_NOR_PROTOBUF = noClasses()
            .that()
            .resideInAPackage("org.kapacitorudf")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "com.google.protobuf..", "tools.jackson..");

    @ArchTest
    static final ArchRule A_LIBRARY_CHOOSES_NO_LOGGING_BACKEND_AND_NO_COMMAND_LINE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ch.qos.logback..", "picocli..", "io.micrometer..");

    /** Somebody may set it while a call, a timer or a connection goes on. Where it is wanted it comes in by {@code AgentRuntime}; the view has the time of a failure. */
    @ArchTest
    static final ArchRule NOTHING_GOES_BY_THE_WALL_CLOCK_UNASKED = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("org.kapacitorudf.session.AgentRuntime")
            .and()
            .doNotHaveFullyQualifiedName("org.kapacitorudf.session.SessionView")
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
    static final ArchRule THE_STATE_PACKAGE_ALONE_KNOWS_THE_SERIALISER = noClasses()
            .that()
            .resideOutsideOfPackage("org.kapacitorudf.state")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("tools.jackson..");
}
