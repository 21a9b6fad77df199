/** The program {@code kapacitor-udf}. */
@SuppressWarnings("requires-automatic") // Micrometer and Prometheus have no descriptors
module org.kapacitorudf.server {
    requires static com.google.errorprone.annotations;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires de.siegmar.fastcsv;
    requires info.picocli;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires io.prometheus.metrics.model;
    requires java.compiler;
    requires java.net.http;
    requires jdk.unsupported;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires org.kapacitorudf.agent;
    requires org.kapacitorudf.client;
    requires org.kapacitorudf.testkit;
    requires org.kapacitorudf.tools;
    requires static org.jspecify;
    requires org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.toml;

    uses org.kapacitorudf.Udf;
}
