package org.kapacitorudf.server.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class LoggingTest {
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final PrintStream before = System.err;
    private final LoggingProvider provider = new LoggingProvider(() -> 0); // its clock stands still

    @BeforeEach
    void catchStderr() {
        System.setErr(new PrintStream(stderr, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setErr(before);
        Logging.level(LogLevel.INFO);
        Logging.format(LogFormat.TEXT);
        Logging.maxLines(Logging.DEFAULT_MAX_LINES);
    }

    @Test
    void linesMayBeJson() {
        Logging.format(LogFormat.JSON);
        provider.getMDCAdapter().put("udf", "mirror");
        logger("x").info("one {}", 1);
        assertThat(lines())
                .singleElement()
                .asString()
                .startsWith("{\"time\":\"")
                .endsWith("\"level\":\"INFO\",\"logger\":\"x\",\"message\":\"one 1\",\"udf\":\"mirror\"}");
    }

    @Test
    void anOriginThatFloodsTheLogIsHeldBack() {
        Logging.maxLines(2);
        provider.getMDCAdapter().put("task", "noisy");
        logger("x").info("one");
        logger("x").info("two");
        logger("x").info("three");
        Logging.level(LogLevel.DEBUG);
        logger("x").debug("asked for");
        provider.getMDCAdapter().put("task", "quiet");
        logger("x").info("four");
        assertThat(lines())
                .satisfiesExactly(
                        line -> assertThat(line).endsWith(": one"),
                        line -> assertThat(line).endsWith(": two"),
                        line -> assertThat(line).endsWith(": asked for"),
                        line -> assertThat(line).endsWith(": four"));
    }

    @Test
    void whatIsLoggedGoesToStderrWithTheMdcOfItsThread() {
        provider.getMDCAdapter().put("udf", "mirror");
        provider.getMDCAdapter().put("task", "cpu");
        provider.getMDCAdapter().put("node", "mirror2");
        logger("x").info("one {}", 1);
        logger("x").atWarn().setMessage("two {}").addArgument(2).log();
        assertThat(lines())
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("Z INFO  mirror cpu/mirror2: one 1"),
                        line -> assertThat(line).endsWith("Z WARN  mirror cpu/mirror2: two 2"));
    }

    @Test
    void theLevelDecides() {
        Logging.level(LogLevel.WARN);
        logger("x").info("one");
        logger("x").warn("two");
        Logging.level(LogLevel.OFF);
        logger("x").error("three");
        Logging.level(LogLevel.DEBUG);
        logger("x").debug("four");
        logger("x").trace("five");
        assertThat(lines())
                .satisfiesExactly(
                        line -> assertThat(line).endsWith(": two"),
                        line -> assertThat(line).endsWith(": four"));
    }

    @Test
    void nettySpeaksUpOnlyAtTrace() {
        Logging.level(LogLevel.DEBUG);
        assertThat(logger("io.netty.util.X").isDebugEnabled()).isFalse();
        assertThat(logger("io.netty.util.X").isWarnEnabled()).isTrue();
        Logging.level(LogLevel.TRACE);
        assertThat(logger("io.netty.util.X").isDebugEnabled()).isTrue();
    }

    @Test
    void aNameHasOneLogger() {
        assertThat(logger("x")).isSameAs(logger("x")).isNotSameAs(logger("y"));
    }

    private Logger logger(String name) {
        return provider.getLoggerFactory().getLogger(name);
    }

    private String[] lines() {
        return stderr.toString(StandardCharsets.UTF_8).split("\n");
    }
}
