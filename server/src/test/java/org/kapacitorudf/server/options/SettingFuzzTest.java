package org.kapacitorudf.server.options;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Reading;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * Any text for an option of the command line results in a value that is formatted in the same syntax, or in an
 * {@link IllegalArgumentException} that says what was expected.
 *
 * <pre>
 *   00 | a duration      01 | a number of bytes      02 | a count      03 | NAME=PATH      04 | option | a value
 * </pre>
 */
class SettingFuzzTest {
    private static final int KINDS = 5;
    private static final List<AgentOption> SETTINGS = List.of(AgentOption.values());

    @MethodSource("seeds")
    @FuzzTest
    void aSettingReadsBackTheSameOrIsRefused(byte[] input) {
        Reading reading = new Reading(input);
        int kind = reading.below(KINDS);
        int setting = reading.next();
        String text = new String(reading.rest(), StandardCharsets.UTF_8);
        try {
            read(kind, setting, text);
        } catch (IllegalArgumentException e) {
            Claim.that(
                    e.getMessage() != null && e.getMessage().contains("(expected: ")
                            || kind == 3 && text.indexOf('\0') >= 0,
                    e.toString());
        }
    }

    private static void read(int kind, int setting, String text) {
        switch (kind) {
            case 0 -> {
                Duration duration = Quantities.parseDuration(text);
                Claim.that(duration.toNanos() >= 0, "duration: " + duration);
                Claim.same(duration, Quantities.parseDuration(Quantities.duration(duration)), text);
            }
            case 1 -> {
                long bytes = Quantities.parseBytes(text);
                Claim.that(bytes >= 0, "bytes: " + bytes);
                Claim.same(bytes, Quantities.parseBytes(Quantities.bytes(bytes)), text);
            }
            case 2 -> Claim.that(Quantities.parseCount(text) >= 0, text);
            case 3 -> {
                Map.Entry<String, Path> socket = SocketPaths.parse(text);
                Claim.that(!socket.getKey().isEmpty() && socket.getValue().isAbsolute(), text);
                Claim.same(socket, SocketPaths.parse(socket.getKey() + "=" + socket.getValue()), text);
            }
            default -> setting(SETTINGS.get(setting % SETTINGS.size()), text);
        }
    }

    private static void setting(AgentOption agentOption, String text) {
        Optional<HostOptions> options = HostOptions.defaults().with(agentOption.option(), text);
        AgentConfig config = options.orElseThrow(() -> new AssertionError(agentOption.option()))
                .config();
        Claim.same(
                config, agentOption.apply(AgentConfig.defaults(), agentOption.show(config)), agentOption + " " + text);
        HostOptions.defaults().with(HostOptions.GRACE, Quantities.duration(config.drainDeadline()));
    }

    static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (String text : List.of(
                "1m30s",
                "2d3h4ms5us6ns",
                "106751d23h",
                "7\u00b5s",
                "65536",
                "64KiB",
                "3GiB",
                "8589934591GiB",
                "0",
                "999999999",
                "f=/tmp/f.sock",
                "f=../x",
                "fail",
                "f=skip",
                "restart")) {
            for (int kind = 0; kind < KINDS; kind++) {
                seeds.add(Seeds.with(text.getBytes(StandardCharsets.UTF_8), kind, seeds.size()));
            }
        }
        return seeds;
    }
}
