/** What the author of a function tests with. */
module org.kapacitorudf.testkit {
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport;
    requires static org.junit.jupiter.api;
    requires transitive org.kapacitorudf.agent;
    requires transitive org.kapacitorudf.client;

    exports org.kapacitorudf.testkit;
    exports org.kapacitorudf.testkit.junit;
}
