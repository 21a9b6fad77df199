package org.kapacitorudf.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The test kit uses the API; only the driver knows the parts of an agent. */
@ArchTag("one-jdk")
@AnalyzeClasses(packages = "org.kapacitorudf.testkit", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_THE_DRIVER_KNOWS_THE_INSIDE_OF_THE_AGENT = noClasses()
            .that()
            .haveNameNotMatching(".*\\.(DrivenHost|DriverConnection|EncodedDriver|UdfDriver)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.kapacitorudf.internal..");

    @ArchTest
    static final ArchRule THE_DRIVER_NEEDS_NEITHER_A_SESSION_NOR_NETTY = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.kapacitorudf.internal.session..",
                    "org.kapacitorudf.internal.output..",
                    "org.kapacitorudf.internal.channel..",
                    "io.netty..");

    @ArchTest
    static final ArchRule THE_DRIVER_NEEDS_NO_TEST_FRAMEWORK = noClasses()
            .that()
            .resideInAPackage("org.kapacitorudf.testkit")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.junit..", "org.kapacitorudf.testkit.junit");

    @ArchTest
    static final ArchRule NOTHING_HERE_KNOWS_THE_PROGRAM = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.kapacitorudf.server..", "org.kapacitorudf.tools..");
}
