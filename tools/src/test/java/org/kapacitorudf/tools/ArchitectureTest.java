package org.kapacitorudf.tools;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The tools work with any agent: they use Kapacitor's side of the protocol, and are independent of each other. */
@ArchTag("one-jdk")
@AnalyzeClasses(packages = "org.kapacitorudf.tools", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule CONFORMANCE_KNOWS_THE_CLIENT_ALONE =
            knowsOnly("org.kapacitorudf.tools.conformance", "org.kapacitorudf.client", "org.kapacitorudf.proto");

    @ArchTest
    static final ArchRule LOAD_KNOWS_THE_CLIENT_ALONE =
            knowsOnly("org.kapacitorudf.tools.load", "org.kapacitorudf.client", "org.kapacitorudf.proto");

    @ArchTest
    static final ArchRule RECORDING_ALSO_KNOWS_SOCKET_FILES_AND_MESSAGES_AS_TEXT = knowsOnly(
            "org.kapacitorudf.tools.recording",
            "org.kapacitorudf.client",
            "org.kapacitorudf.internal.channel",
            "org.kapacitorudf.internal.codec",
            "org.kapacitorudf.proto");

    @ArchTest
    static final ArchRule NO_TOOL_USES_NETTY =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.netty..");

    /** @param packages the tool's own package first */
    private static ArchRule knowsOnly(String... packages) {
        return noClasses()
                .that()
                .resideInAPackage(packages[0])
                .should()
                .dependOnClassesThat(resideInAPackage("org.kapacitorudf..").and(resideOutsideOfPackages(packages)));
    }
}
