package org.kapacitorudf.server;

import java.time.Duration;
import java.util.Optional;
import org.kapacitorudf.AgentConfig;

/**
 * How functions are hosted: what the options of {@code run} and {@code serve} amount to.
 *
 * @param config the agent's limits and policies
 * @param grace how long connections may take to end after SIGTERM or SIGINT
 */
record HostOptions(AgentConfig config, Duration grace) {
    static final String GRACE = "--grace";
    static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

    static HostOptions defaults() {
        return new HostOptions(AgentConfig.defaults(), DEFAULT_GRACE);
    }

    /**
     * Gives these options with one more.
     *
     * @return empty when there is no option of that name
     * @throws IllegalArgumentException when it has no such value; the message says what is expected
     */
    Optional<HostOptions> with(String option, String value) {
        if (option.equals(GRACE)) {
            return Optional.of(new HostOptions(config, Texts.parseDuration(value)));
        }
        for (AgentSetting setting : AgentSetting.values()) {
            if (setting.option().equals(option)) {
                return Optional.of(new HostOptions(setting.apply(config, value), grace));
            }
        }
        return Optional.empty();
    }
}
