package org.kapacitorudf.functions;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The functions and their tests use only what any author of functions may use. */
@ArchTag("one-jdk")
@AnalyzeClasses(packages = "org.kapacitorudf.functions")
final class ArchitectureTest {
    @ArchTest
    static final ArchRule NOTHING_USES_THE_INTERNALS_OF_THE_AGENT =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("org.kapacitorudf.internal..", "io.netty..");
}
