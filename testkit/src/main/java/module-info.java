/** Test support for authors of functions. */
module org.kapacitorudf.testkit {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires static org.junit.jupiter.api;
    requires transitive org.kapacitorudf.agent;
    requires transitive org.kapacitorudf.client;

    exports org.kapacitorudf.testkit;
    exports org.kapacitorudf.testkit.junit;
}
