package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kapacitorudf.AgentConfig;
import org.kapacitorudf.FailurePolicy;

class AgentSettingTest {
    @Test
    void everyPartOfTheConfigurationIsAnOptionOfItsName() {
        String[] components = Arrays.stream(AgentConfig.class.getRecordComponents())
                .map(RecordComponent::getName)
                .map(name -> "--" + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
                .toArray(String[]::new);
        assertThat(AgentSetting.values()).extracting(AgentSetting::option).containsExactlyInAnyOrder(components);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SEED_DIR")
    void whatIsShownCanBeTyped(AgentSetting setting) {
        AgentConfig defaults = AgentConfig.defaults();
        assertThat(setting.apply(defaults, setting.show(defaults))).isEqualTo(defaults);
    }

    @ParameterizedTest
    @EnumSource
    void eachChangesItsOwnPart(AgentSetting setting) {
        AgentConfig defaults = AgentConfig.defaults();
        String other = switch (setting.label()) {
            case "DURATION" -> "1m1s";
            case "BYTES" -> "4097";
            case "COUNT" -> "17";
            default -> setting.label().substring(setting.label().lastIndexOf('|') + 1);
        };
        AgentConfig changed = setting.apply(defaults, other);
        assertThat(Arrays.stream(AgentSetting.values())
                        .filter(part -> !part.show(changed).equals(part.show(defaults))))
                .containsExactly(setting);
        assertThat(setting.show(changed)).isEqualTo(other);
    }

    @Test
    void valuesArriveInTheConfiguration() {
        AgentConfig config = AgentSetting.CALL_LIMIT.apply(AgentConfig.defaults(), "1m30s");
        config = AgentSetting.ON_ERROR.apply(config, "skip");
        config = AgentSetting.MAX_FRAME_BYTES.apply(config, "1MiB");
        assertThat(config.callLimit()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.onError()).isEqualTo(FailurePolicy.SKIP);
        assertThat(config.maxFrameBytes()).isEqualTo(1 << 20);
    }

    @Test
    void aMistakeIsAnsweredWithWhatWasExpected() {
        AgentConfig config = AgentConfig.defaults();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentSetting.ON_ERROR.apply(config, "SKIP"))
                .withMessage("SKIP (expected: declared|fail|skip|restart)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentSetting.MAX_FRAME_BYTES.apply(config, "2GiB"))
                .withMessage("2GiB (expected: less than 2GiB)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentSetting.MAX_FRAME_BYTES.apply(config, "1"))
                .withMessageContaining("maxFrameBytes: 1 (expected: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentSetting.SEED_DIR.apply(config, ""))
                .withMessage("empty (expected: a directory)");
    }

    /** Found by fuzzing. */
    @Test
    void aDirectoryThatIsNoPathIsRefusedAsAnyOtherValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentSetting.SEED_DIR.apply(AgentConfig.defaults(), "a\0b"))
                .withMessageContaining("(expected: a path)");
    }
}
