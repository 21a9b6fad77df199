/** Functions on Kafka Streams: {@code org.kapacitorudf.streams.UdfTopology}. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Kafka has no descriptors
module org.kapacitorudf.streams {
    requires transitive kafka.streams;
    requires kafka.clients;
    requires transitive org.kapacitorudf.agent;
    requires org.slf4j;

    exports org.kapacitorudf.streams;
}
