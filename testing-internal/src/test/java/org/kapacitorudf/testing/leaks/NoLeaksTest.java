package org.kapacitorudf.testing.leaks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class NoLeaksTest {
    static final class Tidy {
        @Test
        void releases() {
            UnpooledByteBufAllocator.DEFAULT.directBuffer(1).release();
        }
    }

    static final class Leaky {
        @Test
        void forgets() {
            forgetABuffer();
        }
    }

    static final class LateLeaky {
        private static ByteBuf held;

        @Test
        void holds() {
            held = UnpooledByteBufAllocator.DEFAULT.directBuffer(1);
        }
    }

    static final class Forgetful {
        @Test
        void forgets() {
            LateLeaky.held.touch("held for long");
            LateLeaky.held = null;
        }
    }

    static final class StartsALeakyProcess {
        @Test
        void starts() throws Exception {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(NoLeaks.flags());
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), LeakyProgram.class.getName()));
            assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                    .isZero();
        }
    }

    static final class LeakyProgram {
        public static void main(String[] args) {
            forgetABuffer();
        }
    }

    private static void forgetABuffer() {
        UnpooledByteBufAllocator.DEFAULT.directBuffer(1).touch("forgotten here").writeByte(1);
    }

    @Test
    void aClassThatReleasesWhatItTakesPasses() {
        assertThat(failures(Tidy.class)).isEmpty();
    }

    @Test
    void aClassThatLosesABufferFailsAndItsTraceIsTold() {
        assertThat(failures(Leaky.class))
                .singleElement()
                .asString()
                .contains("leaked: 1 (expected: none)", "Hint: forgotten here", "NoLeaksTest.forgetABuffer");
    }

    @Test
    void aBufferThatIsLostLaterFailsTheClassThatLosesIt() {
        assertThat(failures(LateLeaky.class)).isEmpty();
        assertThat(failures(Forgetful.class)).singleElement().asString().contains("Hint: held for long");
    }

    @Test
    void aClassWhoseProcessLosesABufferFails() {
        assertThat(failures(StartsALeakyProcess.class))
                .singleElement()
                .asString()
                .contains("process ", "Hint: forgotten here");
    }

    private static List<String> failures(Class<?> test) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                .selectors(selectClass(test))
                .build();
        List<String> failures = new ArrayList<>();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
                Optional<Throwable> thrown = result.getThrowable();
                thrown.ifPresent(failure -> failures.add(failure.getMessage()));
            }
        });
        return failures;
    }
}
