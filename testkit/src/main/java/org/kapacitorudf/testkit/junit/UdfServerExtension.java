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
 * A function on a Unix socket for each test, and a {@link Kapacitor} stand-in that uses it.
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
 * }
 * }</pre>
 *
 * <p>What a test method may be given:
 *
 * <ul>
 *   <li>{@link Kapacitor}: connected, and initialised with the options; each parameter is a use of its own
 *   <li>{@link UdfServer}: the server
 *   <li>{@link UdfServerUnderTest}: both, to connect as often, and in whatever way, as the test wants
 * </ul>
 *
 * <p>After a test that has passed, each stand-in ends its use as Kapacitor does, and the test fails if that does not go
 * well, or if there were {@linkplain Kapacitor#problems() problems}. Then all is closed, and the socket is gone.
 *
 * <p>It works with JUnit 5 and 6. A static field works, too: there is a server for each test all the same.
 *
 * <p>Threading: any thread; what tests are given is their own, so they may run beside each other. Set it up before tests
 * run.
 */
@SuppressWarnings("exports") // who uses it has JUnit
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
     * Sets an option, as {@code .name(arguments)} does in a TICKscript; several times for one that may be repeated.
     *
     * @param arguments as {@link Options#of} takes them
     */
    public UdfServerExtension option(String name, Object... arguments) {
        options.add(Options.of(name, arguments));
        return this;
    }

    /** The agent's limits, and what it does about errors; the defaults if not set. */
    public UdfServerExtension config(AgentConfig agentConfig) {
        config = Objects.requireNonNull(agentConfig, "agentConfig");
        return this;
    }

    /** Lets tests pass whose stand-ins had problems: for those that cause some, and look at them themselves. */
    public UdfServerExtension allowProblems() {
        problemsAllowed = true;
        return this;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        // A constructor's or a @BeforeAll method's belong to no test.
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
