/** Kapacitor's side of the UDF protocol, for tests and tools. */
module org.kapacitorudf.client {
    requires static com.google.errorprone.annotations;
    requires jdk.net;
    requires static transitive org.jspecify;
    requires org.kapacitorudf.agent;
    requires transitive org.kapacitorudf.proto;

    exports org.kapacitorudf.client;
}
