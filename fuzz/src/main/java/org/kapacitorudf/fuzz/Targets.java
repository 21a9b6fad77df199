package org.kapacitorudf.fuzz;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.kapacitorudf.server.SettingTarget;
import org.kapacitorudf.tools.recording.RecordingTarget;

/** All targets, by name. */
enum Targets {
    FRAME("frame", FrameTarget::new),
    REQUEST("request", RequestTarget::new),
    POINT("point", PointTarget::new),
    BATCH("batch", BatchTarget::new),
    SESSION("session", SessionTarget::new),
    OPTION("option", OptionTarget::new),
    SETTING("setting", SettingTarget::new),
    SNAPSHOT("snapshot", SnapshotTarget::new),
    LINE("line", LineTarget::new),
    RECORDING("recording", RecordingTarget::new);

    private final String text;
    private final Supplier<Target> making;

    Targets(String text, Supplier<Target> making) {
        this.text = text;
        this.making = making;
    }

    /** @throws IllegalArgumentException for an unknown name; the message lists the targets */
    static Targets of(String name) {
        return Arrays.stream(values())
                .filter(target -> target.text.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("target: " + name + " (expected: "
                        + Arrays.stream(values()).map(Targets::toString).collect(Collectors.joining(", ")) + ")"));
    }

    Target make() {
        return making.get();
    }

    @Override
    public String toString() {
        return text;
    }
}
