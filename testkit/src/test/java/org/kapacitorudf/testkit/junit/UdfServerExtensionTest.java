package org.kapacitorudf.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.option.Option;

@Timeout(600)
class UdfServerExtensionTest {
    private static final Option<Long> ADD = Option.integer("add").required();

    /** Adds a number to the field n, and fails at 13. */
    static final class Adding implements Udf {
        @Override
        public Description describe() {
            return Description.stream("adding", "").options(ADD);
        }

        @Override
        public Handler create(Context context) {
            long add = context.option(ADD);
            return (point, output) -> {
                if (point.intField("n") == 13) {
                    throw new IllegalStateException("unlucky");
                }
                output.point(point.withField("n", point.intField("n") + add));
            };
        }
    }

    @Nested
    class InATest {
        private static Path former;

        @RegisterExtension
        final UdfServerExtension server = UdfServerExtension.of(new Adding()).option("add", 2);

        @AfterEach
        void isStillThere(UdfServerUnderTest server) {
            assertThat(server.socket()).exists();
        }

        @Test
        void aStandInIsConnectedAndInitialised(Kapacitor kapacitor, UdfServerUnderTest server) {
            kapacitor.send(Points.of("m n=1i 0"));
            kapacitor.awaitReceived(1);
            assertThat(Points.of(kapacitor.points()).lines()).containsExactly("m n=3i 0");
            assertThat(server.socket()).isNotEqualTo(former);
            former = server.socket();
        }

        @Test
        void eachStandInIsAUseOfItsOwn(Kapacitor one, Kapacitor two, UdfServer server, UdfServerUnderTest again) {
            one.send(Points.of("m n=1i 0"));
            one.awaitReceived(1);
            one.closeInput();
            one.awaitEnd();
            assertThat(two.points()).isEmpty();
            assertThat(again.server()).isSameAs(server);
            try (Kapacitor bare = again.connect(Kapacitor.builder())) {
                assertThat(bare.info().getOptionsMap()).containsOnlyKeys("add");
                bare.finish();
            }
        }

        @Test
        void aTestWithoutParametersNeedsNoServer() {
            assertThat(server).isNotNull();
        }
    }

    private static void makeFail(Kapacitor kapacitor) {
        try {
            kapacitor.send(Points.of("m n=13i 0"));
        } catch (StandInException e) {
            // The error may be known before everything is sent.
            assertThat(kapacitor.taskError()).isPresent();
        }
    }

    // Run by the tests below: surefire does not run nested static classes.

    static class Failing {
        static final List<Path> SOCKETS = new CopyOnWriteArrayList<>();

        @RegisterExtension
        static final UdfServerExtension STRICT =
                UdfServerExtension.of(new Adding()).option("add", 1);

        @Test
        void theFunctionFails(Kapacitor kapacitor, UdfServerUnderTest server) {
            SOCKETS.add(server.socket());
            makeFail(kapacitor);
            kapacitor.awaitTaskError();
        }

        @Test
        void theTestFails(Kapacitor kapacitor, UdfServerUnderTest server) {
            theFunctionFails(kapacitor, server);
            throw new AssertionError("of the test");
        }
    }

    static class Allowing {
        @RegisterExtension
        static final UdfServerExtension LENIENT =
                UdfServerExtension.of(new Adding()).option("add", 1).allowProblems();

        @Test
        void theFunctionFails(Kapacitor kapacitor) {
            makeFail(kapacitor);
            assertThat(kapacitor.awaitTaskError()).contains("unlucky");
        }
    }

    static class Refused {
        @RegisterExtension
        static final UdfServerExtension WITHOUT_OPTIONS = UdfServerExtension.of(new Adding());

        @Test
        void neverRuns(Kapacitor kapacitor) {
            throw new AssertionError(kapacitor);
        }
    }

    @Test
    void aProblemFailsATestThatHasPassed() {
        assertThat(run(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectMethod(Failing.class, "theFunctionFails", parameters(Kapacitor.class)))
                        .build()))
                .hasValueSatisfying(failure -> assertThat(failure)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageStartingWith("Kapacitor had problems: task error: ")
                        .hasMessageContaining("unlucky"));
        assertThat(Failing.SOCKETS).isNotEmpty().allSatisfy(socket -> {
            assertThat(socket).doesNotExist();
            assertThat(socket.getParent()).matches(Files::notExists);
        });
    }

    @Test
    void aTestThatHasFailedKeepsItsOwnFailure() {
        assertThat(run(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectMethod(Failing.class, "theTestFails", parameters(Kapacitor.class)))
                        .build()))
                .hasValueSatisfying(failure -> assertThat(failure).hasMessage("of the test"));
    }

    @Test
    void problemsMayBeAllowed() {
        assertThat(run(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(Allowing.class))
                        .build()))
                .isEmpty();
    }

    @Test
    void anOptionThatIsWrongFailsTheTestWithTheFunctionsText() {
        assertThat(run(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(Refused.class))
                        .build()))
                .hasValueSatisfying(failure -> assertThat(failure).hasStackTraceContaining("add: missing"));
    }

    private static String parameters(Class<?> first) {
        return first.getName() + "," + UdfServerUnderTest.class.getName();
    }

    /** Runs tests; returns the reason why one of them has failed. */
    private static Optional<Throwable> run(LauncherDiscoveryRequest request) {
        List<TestExecutionResult> results = new CopyOnWriteArrayList<>();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
                if (identifier.isTest()) {
                    results.add(result);
                }
            }
        });
        assertThat(results).hasSize(1);
        return results.get(0).getThrowable();
    }
}
