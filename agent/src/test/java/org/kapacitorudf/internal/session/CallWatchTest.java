package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.FailureTexts;

final class CallWatchTest {
    private static final long WARN_AFTER = 1_000;
    private static final long LIMIT = 60_000;

    private final CallTracker tracker = new CallTracker();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final CallWatch watch =
            new CallWatch(tracker, new CallTracker.Observer(tracker), WARN_AFTER, LIMIT, new Given());

    private final class Given implements CallWatch.Calls {
        private final Logger logger;

        Given() {
            LoggerContext context = new LoggerContext();
            log.setContext(context);
            log.start();
            logger = context.getLogger("test");
            logger.addAppender(log);
        }

        @Override
        public String name() {
            return "point";
        }

        @Override
        public String given() {
            return FailureTexts.NOTHING;
        }

        @Override
        public SessionState state() {
            return SessionState.RUNNING;
        }

        @Override
        public boolean isMakingSnapshot() {
            return false;
        }

        @Override
        public boolean isBusy() {
            return true;
        }

        @Override
        public void overdue(String text) {
            logger.error(text);
        }

        @Override
        public void exited(String text) {
            throw new AssertionError(text);
        }

        @Override
        public void abandoned() {}

        @Override
        public void cameBack() {}

        @Override
        public Logger log() {
            return logger;
        }
    }

    @Test
    void warningsAreRepeatedEachTimeThatTheTimeHasDoubled() {
        tracker.runBy(new Thread());
        tracker.begin();
        for (int tick = 0; tick <= 40; tick++) {
            watch.look(tick * 500L);
        }
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .allMatch(text -> text.startsWith("point has not returned for "))
                .hasSize(5); // after 1, 2, 4, 8 and 16 microseconds
    }

    @Test
    void aCallThatReturnsWhileItsStackIsTakenIsNotLogged() {
        tracker.runBy(new Thread() {
            @Override
            public StackTraceElement[] getStackTrace() {
                tracker.end();
                return super.getStackTrace();
            }
        });
        tracker.begin();
        watch.look(0);
        watch.look(2 * WARN_AFTER);
        assertThat(log.list).isEmpty();
    }
}
