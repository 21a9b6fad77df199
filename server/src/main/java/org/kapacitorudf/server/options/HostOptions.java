package org.kapacitorudf.server.options;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;

/**
 * How functions are hosted: the result of the options of {@code run} and {@code serve}.
 *
 * @param config the agent's limits and policies
 * @param onErrorOf the failure policies of individual functions, by name; the configuration has the policy of all
 *     others
 * @param grace how long connections may take to end after SIGTERM or SIGINT
 * @param traced the functions whose connections log every message
 */
public record HostOptions(
        AgentConfig config, SortedMap<String, FailurePolicy> onErrorOf, Duration grace, SortedSet<String> traced) {
    public static final String GRACE = "--grace";
    public static final String TRACE = "--trace";
    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

    public static HostOptions defaults() {
        return new HostOptions(AgentConfig.defaults(), new TreeMap<>(), DEFAULT_GRACE, new TreeSet<>());
    }

    /**
     * Returns a copy with one more option; empty if there is no option with that name.
     *
     * @throws IllegalArgumentException if the value is invalid; the message says what is expected
     */
    public Optional<HostOptions> with(String option, String value) {
        if (option.equals(GRACE)) {
            return Optional.of(new HostOptions(config, onErrorOf, Quantities.parseDuration(value), traced));
        }
        if (option.equals(TRACE)) {
            SortedSet<String> more = new TreeSet<>(traced);
            more.add(value);
            return Optional.of(new HostOptions(config, onErrorOf, grace, more));
        }
        int equals = value.indexOf('=');
        if (option.equals(AgentOption.ON_ERROR.option()) && equals > 0) {
            return Optional.of(withOnError(value.substring(0, equals), value.substring(equals + 1)));
        }
        for (AgentOption agentOption : AgentOption.values()) {
            if (agentOption.option().equals(option)) {
                return Optional.of(new HostOptions(agentOption.apply(config, value), onErrorOf, grace, traced));
            }
        }
        return Optional.empty();
    }

    private HostOptions withOnError(String function, String policy) {
        SortedMap<String, FailurePolicy> more = new TreeMap<>(onErrorOf);
        more.put(function, AgentOption.ON_ERROR.apply(config, policy).onError());
        return new HostOptions(config, more, grace, traced);
    }

    /**
     * Checks that per-function options name hosted functions.
     *
     * @throws IllegalArgumentException if one does not; the message names the option
     */
    void checkNames(Collection<String> hosted) {
        onErrorOf.keySet().forEach(name -> checkName(AgentOption.ON_ERROR.option(), name, name + "=...", hosted));
        traced.forEach(name -> checkName(TRACE, name, name, hosted));
    }

    private static void checkName(String option, String name, String shown, Collection<String> hosted) {
        if (!hosted.contains(name)) {
            throw new IllegalArgumentException(
                    option + ": " + shown + " (expected: one of " + String.join(", ", hosted) + ")");
        }
    }

    /**
     * Returns the function with the failure policy that the options set. If they set none, the function keeps its own
     * policy.
     */
    public Udf hosted(String name, Udf udf) {
        FailurePolicy policy = onErrorOf.getOrDefault(name, config.onError());
        return policy == FailurePolicy.DECLARED ? udf : new HostedUdf(udf, policy);
    }

    /**
     * The agent's configuration. Its failure policy is {@code DECLARED}, because {@link #hosted} sets the policies of
     * functions.
     */
    public AgentConfig hostConfig() {
        return config.toBuilder().onError(FailurePolicy.DECLARED).build();
    }
}
