package org.kapacitorudf.testkit.junit;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.proto.Option;

/**
 * Serves a function on a Unix socket for each test, and connects {@link Kapacitor} stand-ins to it.
 *
 * <pre>{@code
 * class MovingAverageServedTest {
 *     @RegisterExtension
 *     final UdfServerExtension server =
 *             UdfServerExtension.of(new MovingAverage()).option("field", "value").option("size", 2);
 *
 *     @Test
 *     void theMeanComesBack(Kapacitor kapacitor) {
 *         kapacitor.send(Points.of("cpu value=1 0", "cpu value=2 1"));
 *         kapacitor.awaitReceived(2);
 *         assertThat(Points.of(kapacitor.points()).lines()).containsExactly("cpu avg=1.0 0", "cpu avg=1.5 1");
 *     }
 * } }</pre>
 *
 * <p>Test methods may have these parameters:
 *
 * <ul>
 * <li>{@link Kapacitor}: connected and initialised with the options; each parameter is a separate connection
 * <li>{@link UdfServer}: the server
 * <li>{@link UdfServerUnderTest}: the server and its stand-ins, to make any number of connections
 * </ul>
 *
 * <p>After a test has passed, each stand-in ends its connection as Kapacitor does. The test fails if this is not
 * possible, or if there were {@linkplain Kapacitor#problems() problems}. In the end everything is closed and the socket
 * is removed.
 *
 * <p>The extension works with JUnit 5 and 6. If it is in a static field, there is still a separate server for each
 * test.
 *
 * <p>Threading: safe for use by any thread. Parameters are not shared between tests, so tests may run in parallel.
 * Configure the extension before tests run.
 */
@SuppressWarnings("exports") // users have JUnit
public final class UdfServerExtension implements ParameterResolver, AfterEachCallback {
    private final Udf udf;
    private final List<Option> options = new ArrayList<>();
    private AgentConfig config = AgentConfig.defaults();
    private boolean problemsAllowed;

    private UdfServerExtension(Udf udf) {
        this.udf = Objects.requireNonNull(udf, "udf");
    }

    /** Serves a function. */
    public static UdfServerExtension of(Udf udf) {
        return new UdfServerExtension(udf);
    }

    /**
     * Sets an option, as {@code .name(arguments)} does in a TICKscript. Call this method several times for a repeated
     * option.
     *
     * @param arguments as for {@link Options#of}
     */
    public UdfServerExtension option(String name, Object... arguments) {
        options.add(Options.of(name, arguments));
        return this;
    }

    /** Sets the agent's limits and policies, in place of the defaults. */
    public UdfServerExtension config(AgentConfig agentConfig) {
        config = Objects.requireNonNull(agentConfig, "agentConfig");
        return this;
    }

    /** Accepts problems of the stand-ins. Use it in tests that cause problems and check them themselves. */
    public UdfServerExtension allowProblems() {
        problemsAllowed = true;
        return this;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        // Parameters of a constructor or a @BeforeAll method do not belong to a test.
        return context.getTestMethod().isPresent()
                && (type == Kapacitor.class || type == UdfServer.class || type == UdfServerUnderTest.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        UdfServerUnderTest server = underTest(context);
        Class<?> type = parameter.getParameter().getType();
        if (type == Kapacitor.class) {
            return server.start();
        }
        return type == UdfServer.class ? server.server() : server;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        UdfServerUnderTest server = store(context).remove(this, UdfServerUnderTest.class);
        if (server == null) {
            return;
        }
        try (server) {
            if (context.getExecutionException().isEmpty()) {
                server.finish(problemsAllowed);
            }
        }
    }

    private UdfServerUnderTest underTest(ExtensionContext context) {
        UdfServerUnderTest server = store(context).get(this, UdfServerUnderTest.class);
        if (server == null) {
            server = new UdfServerUnderTest(udf, config, options);
            store(context).put(this, server);
        }
        return server;
    }

    private static ExtensionContext.Store store(ExtensionContext context) {
        return context.getStore(Namespace.create(UdfServerExtension.class, context.getUniqueId()));
    }
}
