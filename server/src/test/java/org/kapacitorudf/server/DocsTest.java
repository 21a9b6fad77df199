package org.kapacitorudf.server;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The code in docs/ compiles, and its tests pass: see {@link Docs}. */
@Tag("slow")
@Tag("one-jdk")
class DocsTest {
    @TempDir
    private static Path directory;

    private static final List<URLClassLoader> LOADERS = new ArrayList<>();

    @AfterAll
    static void close() throws IOException {
        for (URLClassLoader loader : LOADERS) {
            loader.close();
        }
    }

    @TestFactory
    Stream<DynamicNode> everyProgramCompilesAndItsTestsPass() throws IOException {
        return Docs.all().stream().map(docs -> DynamicContainer.dynamicContainer(docs.name(), nodes(docs)));
    }

    private static Stream<DynamicNode> nodes(Docs docs) {
        List<Class<?>> compiled = new ArrayList<>();
        DynamicNode compiles = DynamicTest.dynamicTest("compiles", () -> compiled.addAll(compile(docs)));
        Stream<DynamicNode> tests =
                docs.tests().stream().map(name -> DynamicTest.dynamicTest(name, () -> run(compiled, name)));
        return Stream.concat(Stream.of(compiles), tests);
    }

    private static List<Class<?>> compile(Docs docs) throws Exception {
        Path classes = Files.createDirectory(directory.resolve(docs.name()));
        docs.compileInto(classes);
        URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, DocsTest.class.getClassLoader());
        LOADERS.add(loader);
        List<Class<?>> tests = new ArrayList<>();
        for (String name : docs.tests()) {
            tests.add(loader.loadClass(name));
        }
        return tests;
    }

    private static void run(List<Class<?>> compiled, String name) throws Throwable {
        Class<?> test = compiled.stream()
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " has not been compiled"));
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(DiscoverySelectors.selectClass(test))
                                .build(),
                        summary);
        if (summary.getSummary().getTestsFoundCount() == 0) {
            throw new AssertionError(name + ": no method with @Test");
        }
        for (TestExecutionSummary.Failure failure : summary.getSummary().getFailures()) {
            throw failure.getException();
        }
    }
}
