/** The messages of Kapacitor's UDF protocol, as protoc makes them of {@code udf.proto}. */
@SuppressWarnings("requires-transitive-automatic")
module org.kapacitorudf.proto {
    requires transitive com.google.protobuf;

    exports org.kapacitorudf.proto;
}
