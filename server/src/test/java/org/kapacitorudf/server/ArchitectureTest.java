package org.kapacitorudf.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Checks the dependencies between the packages of the program. */
@ArchTag("one-jdk")
@AnalyzeClasses(packages = "org.kapacitorudf.server", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule PACKAGES_DEPEND_ON_EACH_OTHER_IN_ONE_DIRECTION = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("org.kapacitorudf.server..")
            .layer("main")
            .definedBy("org.kapacitorudf.server")
            .layer("command")
            .definedBy("org.kapacitorudf.server.command")
            .layer("serve")
            .definedBy("org.kapacitorudf.server.serve")
            .layer("ops")
            .definedBy("org.kapacitorudf.server.ops")
            .layer("options")
            .definedBy("org.kapacitorudf.server.options")
            .layer("project")
            .definedBy("org.kapacitorudf.server.project")
            .layer("install")
            .definedBy("org.kapacitorudf.server.install")
            .layer("plugin")
            .definedBy("org.kapacitorudf.server.plugin")
            .layer("tasks")
            .definedBy("org.kapacitorudf.server.tasks")
            .layer("call")
            .definedBy("org.kapacitorudf.server.call")
            .layer("telegraf")
            .definedBy("org.kapacitorudf.server.telegraf")
            .layer("demo")
            .definedBy("org.kapacitorudf.server.demo")
            .layer("terminal")
            .definedBy("org.kapacitorudf.server.terminal")
            .layer("logging")
            .definedBy("org.kapacitorudf.server.logging")
            .ensureAllClassesAreContainedInArchitecture()
            .whereLayer("main")
            .mayOnlyAccessLayers("command", "terminal", "logging")
            .whereLayer("command")
            .mayOnlyAccessLayers(
                    "serve",
                    "options",
                    "project",
                    "install",
                    "plugin",
                    "tasks",
                    "call",
                    "telegraf",
                    "demo",
                    "terminal",
                    "logging")
            .whereLayer("serve")
            .mayOnlyAccessLayers("ops", "options", "install", "plugin", "tasks", "terminal", "logging")
            .whereLayer("ops")
            .mayOnlyAccessLayers("tasks", "logging")
            .whereLayer("options")
            .mayOnlyAccessLayers("tasks", "terminal", "logging")
            .whereLayer("project")
            .mayOnlyAccessLayers("install", "plugin", "terminal")
            .whereLayer("install")
            .mayOnlyAccessLayers("plugin", "terminal")
            .whereLayer("plugin")
            .mayOnlyAccessLayers("terminal")
            .whereLayer("terminal")
            .mayOnlyAccessLayers("logging")
            .whereLayer("tasks")
            .mayNotAccessAnyLayer()
            .whereLayer("call")
            .mayNotAccessAnyLayer()
            .whereLayer("telegraf")
            .mayOnlyAccessLayers("call", "terminal")
            .whereLayer("demo")
            .mayNotAccessAnyLayer()
            .whereLayer("logging")
            .mayNotAccessAnyLayer();

    @ArchTest
    static final ArchRule ONLY_COMMANDS_AND_OPTIONS_KNOW_THE_COMMAND_LINE = noClasses()
            .that()
            .resideOutsideOfPackages("org.kapacitorudf.server.command", "org.kapacitorudf.server.options")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    @ArchTest
    static final ArchRule ONLY_LOGGING_KNOWS_LOGBACK = noClasses()
            .that()
            .resideOutsideOfPackage("org.kapacitorudf.server.logging")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ch.qos.logback..");

    @ArchTest
    static final ArchRule ONLY_OPS_KNOWS_NETTY_AND_MICROMETER = noClasses()
            .that()
            .resideOutsideOfPackage("org.kapacitorudf.server.ops")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "io.micrometer..");

    /** The parts of the agent that the program uses in addition to its API. */
    @ArchTest
    static final ArchRule THE_INSIDE_OF_THE_AGENT_BUT_FOR_LINE_PROTOCOL_IS_KNOWN_TO_THESE_ALONE = noClasses()
            .that()
            .haveNameNotMatching(
                    ".*\\.(RecordCommand|PingCommand|ShowCommand|SnapshotShowCommand|TaskSnapshots|SocketPaths|SystemExitDetector|ExitReport|Rights)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.kapacitorudf.internal.channel..",
                    "org.kapacitorudf.internal.codec..",
                    "org.kapacitorudf.internal.host..",
                    "org.kapacitorudf.internal.output..",
                    "org.kapacitorudf.internal.process..",
                    "org.kapacitorudf.internal.session..",
                    "org.kapacitorudf.internal.snapshot..",
                    "org.kapacitorudf.internal.wire..");

    /** Until a function can be called without a session, see the driver of the testkit. */
    @ArchTest
    static final ArchRule ONLY_CALL_AND_TELEGRAF_USE_THE_TESTKIT = noClasses()
            .that()
            .resideOutsideOfPackages("org.kapacitorudf.server.call", "org.kapacitorudf.server.telegraf")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.kapacitorudf.testkit..");
}
