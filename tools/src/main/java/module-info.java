/** The implementation of the commands {@code check}, {@code bench}, {@code record} and {@code replay}. */
module org.kapacitorudf.tools {
    requires static com.google.errorprone.annotations;
    requires java.management;
    requires java.xml;
    requires jdk.management;
    requires static transitive org.jspecify;
    requires org.kapacitorudf.agent;
    requires transitive org.kapacitorudf.client;

    exports org.kapacitorudf.tools.conformance;
    exports org.kapacitorudf.tools.load;
    exports org.kapacitorudf.tools.recording;
}
