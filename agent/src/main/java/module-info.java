/**
 * The agent library. Write functions with {@code org.kapacitorudf} and its subpackages, and run them with
 * {@code org.kapacitorudf.embed}.
 */
@SuppressWarnings("module") // the target modules are built later
module org.kapacitorudf.agent {
    requires static com.google.errorprone.annotations;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.protobuf;
    requires io.netty.common;
    requires io.netty.transport;
    requires jdk.security.auth;
    requires org.kapacitorudf.proto;
    requires static transitive org.jspecify;
    requires transitive org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.cbor;

    exports org.kapacitorudf;
    exports org.kapacitorudf.agent;
    exports org.kapacitorudf.embed;
    exports org.kapacitorudf.errors;
    exports org.kapacitorudf.option;
    exports org.kapacitorudf.state;

    // The internal packages that other modules use. Keep this list short.
    exports org.kapacitorudf.internal.channel to
            org.kapacitorudf.server,
            org.kapacitorudf.tools;
    exports org.kapacitorudf.internal.codec to
            org.kapacitorudf.server,
            org.kapacitorudf.testkit,
            org.kapacitorudf.tools;
    exports org.kapacitorudf.internal.host to
            org.kapacitorudf.streams,
            org.kapacitorudf.testkit;
    exports org.kapacitorudf.internal.line to
            org.kapacitorudf.client,
            org.kapacitorudf.server,
            org.kapacitorudf.streams,
            org.kapacitorudf.testkit;
    exports org.kapacitorudf.internal.process to
            org.kapacitorudf.server;
    exports org.kapacitorudf.internal.snapshot to
            org.kapacitorudf.server,
            org.kapacitorudf.streams;
    exports org.kapacitorudf.internal.wire to
            org.kapacitorudf.streams,
            org.kapacitorudf.testkit;
}
