package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.server.install.KapacitorConf;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.terminal.Terminal;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The manifest in docs/kubernetes.yaml is what Kubernetes' schema and kapacitor-udf itself accept. */
@Tag("one-jdk")
class KubernetesManifestTest {
    private static final Path MANIFEST =
            Path.of(System.getProperty("kapacitor-udf.scripts"), "../docs/kubernetes.yaml");
    /** The classes of java.time are closed to reflection; the manifest has no times. */
    private static final Gson GSON = new GsonBuilder()
            .registerTypeAdapter(OffsetDateTime.class, (JsonDeserializer<OffsetDateTime>) (json, type, context) -> {
                throw new JsonParseException(json + " (expected: no time)");
            })
            .create();

    private final String manifest;
    private final V1ConfigMap configMap;
    private final V1StatefulSet statefulSet;

    KubernetesManifestTest() throws IOException {
        manifest = Files.readString(MANIFEST);
        List<JsonObject> documents = documents(manifest);
        assertThat(documents).hasSize(2);
        configMap = object(documents.get(0), V1ConfigMap.class, "v1", "ConfigMap");
        statefulSet = object(documents.get(1), V1StatefulSet.class, "apps/v1", "StatefulSet");
    }

    @Test
    void eachObjectMatchesTheSchema() throws IOException {
        matchesTheSchema(manifest);
    }

    @ParameterizedTest
    @CsvSource({
        "readOnlyRootFilesystem, readOnlyRootFileSystem, readOnlyRootFileSystem",
        "serviceName: kapacitor, serviceName: [], serviceName",
        "periodSeconds: 2, periodSeconds: two, two",
        "periodSeconds: 2, periodSeconds: '2', periodSeconds",
        "replicas: 1, replica: 1, replica",
        "name: data, nam: data, nam",
        "memory: 256Mi, memory: 256MiB, QuantityFormatException"
    })
    void aMistakeDoesNotMatchTheSchema(String right, String wrong, String named) {
        assertThat(manifest).contains(right);
        assertThatThrownBy(() -> matchesTheSchema(manifest.replace(right, wrong)))
                .hasStackTraceContaining(named);
    }

    @Test
    void eachMountNamesAVolume() {
        V1PodSpec pod = statefulSet.getSpec().getTemplate().getSpec();
        Set<String> volumes = new HashSet<>();
        pod.getVolumes().stream().map(V1Volume::getName).forEach(volumes::add);
        statefulSet.getSpec().getVolumeClaimTemplates().stream()
                .map((V1PersistentVolumeClaim claim) -> claim.getMetadata().getName())
                .forEach(volumes::add);
        List<V1Container> containers = new ArrayList<>(pod.getInitContainers());
        containers.addAll(pod.getContainers());

        assertThat(containers)
                .hasSize(2)
                .flatExtracting(V1Container::getVolumeMounts)
                .extracting(V1VolumeMount::getName)
                .containsOnly(volumes.toArray(String[]::new));
        assertThat(pod.getVolumes())
                .extracting(V1Volume::getConfigMap)
                .filteredOn(source -> source != null)
                .singleElement()
                .returns(configMap.getMetadata().getName(), source -> source.getName());
    }

    @Test
    void theServerTakesItsConfiguration(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("kapacitor-udf.toml");
        Files.writeString(file, configMap.getData().get("kapacitor-udf.toml"));
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        String[] line = {"serve", "--check-config", file.toString()};
        int status = Main.execute(new Terminal(new ByteArrayOutputStream(), err, "", true), line);

        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(status).isZero();
    }

    @Test
    void kapacitorKnowsAFunctionAsTheProgramPrintsIt() {
        assertThat(configMap.getData().get("kapacitor.conf"))
                .contains(KapacitorConf.socket("movingAvg", Path.of(SocketPaths.DEFAULT_DIR, "movingAvg.sock")));
    }

    private static void matchesTheSchema(String yaml) throws IOException {
        List<JsonObject> documents = documents(yaml);
        V1ConfigMap.validateJsonElement(documents.get(0));
        V1StatefulSet.validateJsonElement(documents.get(1));
        // The types of numbers and booleans, which the methods above do not check: nothing is converted.
        isReadAsItIs(documents.get(0), V1ConfigMap.class);
        isReadAsItIs(documents.get(1), V1StatefulSet.class);
    }

    private static void isReadAsItIs(JsonObject document, Class<?> type) {
        JsonElement read = GSON.toJsonTree(GSON.fromJson(document, type));
        assertThat(withoutEmpty(read)).isEqualTo(withoutEmpty(document));
    }

    /** Without empty objects and arrays, which the classes have for missing ones. */
    private static JsonElement withoutEmpty(JsonElement element) {
        if (element instanceof JsonArray array) {
            JsonArray copy = new JsonArray();
            array.forEach(entry -> copy.add(withoutEmpty(entry)));
            return copy;
        }
        if (element instanceof JsonObject object) {
            JsonObject copy = new JsonObject();
            object.asMap().forEach((name, value) -> {
                JsonElement child = withoutEmpty(value);
                if (!isEmpty(child)) {
                    copy.add(name, child);
                }
            });
            return copy;
        }
        return element;
    }

    private static boolean isEmpty(JsonElement element) {
        return element instanceof JsonObject object && object.isEmpty()
                || element instanceof JsonArray array && array.isEmpty();
    }

    private static <T> T object(JsonObject document, Class<T> type, String version, String kind) {
        assertThat(document.get("apiVersion").getAsString()).isEqualTo(version);
        assertThat(document.get("kind").getAsString()).isEqualTo(kind);
        return GSON.fromJson(document, type);
    }

    private static List<JsonObject> documents(String yaml) {
        List<JsonObject> documents = new ArrayList<>();
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
            documents.add(new Gson().toJsonTree(document).getAsJsonObject());
        }
        return documents;
    }
}
