package org.kapacitorudf.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The client checks the agent, so it shares only the protocol's classes and line protocol with it. */
@ArchTag("one-jdk")
@AnalyzeClasses(packages = "org.kapacitorudf.client", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule THE_CLIENT_NEEDS_THE_JDK_PROTOBUF_AND_LINE_PROTOCOL_ALONE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.kapacitorudf.client",
                    "org.kapacitorudf.internal.line",
                    "org.kapacitorudf.proto",
                    "com.google.protobuf",
                    "com.google.errorprone.annotations..",
                    "org.jspecify.annotations..",
                    "java..",
                    "jdk.net");
}
