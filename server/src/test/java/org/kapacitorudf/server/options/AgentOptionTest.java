package org.kapacitorudf.server.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;

class AgentOptionTest {
    @Test
    void everyPartOfTheConfigurationIsAnOptionOfItsName() {
        String[] components = Arrays.stream(AgentConfig.Builder.class.getMethods())
                .filter(method -> method.getReturnType() == AgentConfig.Builder.class)
                .map(Method::getName)
                .map(name -> "--" + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
                .toArray(String[]::new);
        assertThat(AgentOption.values()).extracting(AgentOption::option).containsExactlyInAnyOrder(components);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SEED_DIR")
    void whatIsShownCanBeTyped(AgentOption agentOption) {
        AgentConfig defaults = AgentConfig.defaults();
        assertThat(agentOption.apply(defaults, agentOption.show(defaults))).isEqualTo(defaults);
    }

    @ParameterizedTest
    @EnumSource
    void eachChangesItsOwnPart(AgentOption agentOption) {
        AgentConfig defaults = AgentConfig.defaults();
        String other = switch (agentOption.label()) {
            case "DURATION" -> "1m1s";
            case "BYTES" -> "4097";
            case "COUNT" -> "17";
            default -> agentOption.label().substring(agentOption.label().lastIndexOf('|') + 1);
        };
        AgentConfig changed = agentOption.apply(defaults, other);
        assertThat(Arrays.stream(AgentOption.values())
                        .filter(part -> !part.show(changed).equals(part.show(defaults))))
                .containsExactly(agentOption);
        assertThat(agentOption.show(changed)).isEqualTo(other);
    }

    @Test
    void valuesArriveInTheConfiguration() {
        AgentConfig config = AgentOption.CALL_LIMIT.apply(AgentConfig.defaults(), "1m30s");
        config = AgentOption.ON_ERROR.apply(config, "skip");
        config = AgentOption.MAX_FRAME_BYTES.apply(config, "1MiB");
        assertThat(config.callLimit()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.onError()).isEqualTo(FailurePolicy.SKIP);
        assertThat(config.maxFrameBytes()).isEqualTo(1 << 20);
    }

    @Test
    void aMistakeIsAnsweredWithWhatWasExpected() {
        AgentConfig config = AgentConfig.defaults();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentOption.ON_ERROR.apply(config, "SKIP"))
                .withMessage("SKIP (expected: declared|fail|skip|restart)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentOption.MAX_FRAME_BYTES.apply(config, "2GiB"))
                .withMessage("2GiB (expected: less than 2GiB)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentOption.MAX_FRAME_BYTES.apply(config, "1"))
                .withMessageContaining("maxFrameBytes: 1 (expected: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentOption.SEED_DIR.apply(config, ""))
                .withMessage("empty (expected: a directory)");
    }

    /** Found by fuzzing. */
    @Test
    void aDirectoryThatIsNoPathIsRefusedAsAnyOtherValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentOption.SEED_DIR.apply(AgentConfig.defaults(), "a\0b"))
                .withMessageContaining("(expected: a path)");
    }
}
