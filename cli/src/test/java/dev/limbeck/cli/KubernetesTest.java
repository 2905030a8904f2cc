package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import dev.limbeck.workflows.TaskQueues;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests of {@code deploy/kubernetes} are read as Kubernetes reads them: what it does not know is refused. */
class KubernetesTest {

    private static final Path FOLDER = DeployFiles.DEPLOY.resolve("kubernetes");
    private static final Map<String, Class<?>> KINDS = Map.of(
            "ConfigMap", ConfigMap.class,
            "DaemonSet", DaemonSet.class,
            "Deployment", Deployment.class,
            "Namespace", Namespace.class,
            "NetworkPolicy", NetworkPolicy.class,
            "PodDisruptionBudget", PodDisruptionBudget.class,
            "Secret", Secret.class);

    /** The models would keep unknown fields; here they are errors. */
    private final ObjectMapper strict = new ObjectMapper()
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            })
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    @Test
    void manifestsAreWhatTheySayTheyAre() throws IOException {
        int read = 0;
        for (Path file : manifests()) {
            for (Map<String, Object> document : DeployFiles.yaml(file)) {
                if (KINDS.containsKey(document.get("kind"))) {
                    assertThat(read(document)).as(file.toString()).isNotNull();
                    read++;
                }
            }
        }
        assertThat(read).isGreaterThanOrEqualTo(7);
        Map<String, Object> wrong = Map.of("kind", "Deployment", "spec", Map.of("replica", 1));
        assertThatThrownBy(() -> read(wrong)).as("a misspelt field").isInstanceOf(JsonProcessingException.class);
    }

    @Test
    void podsAreConfined() throws IOException {
        for (PodSpec pod : pods("base")) {
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            Container container = pod.getContainers().getFirst();
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
            assertThat(container.getResources().getLimits()).containsKey("memory");
        }
    }

    @Test
    void workersHaveTimeToLeaveAndAreAskedHowTheyAre() throws IOException {
        for (PodSpec pod : pods("base")) {
            assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThan(30);
            Container container = pod.getContainers().getFirst();
            assertThat(List.of(
                            container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe()))
                    .allMatch(probe -> probe.getHttpGet().getPath().equals("/metrics"));
            assertThat(container.getArgs())
                    .containsSubsequence(
                            "--metrics-port",
                            String.valueOf(container.getPorts().getFirst().getContainerPort()));
        }
    }

    @Test
    void commandsAreLimbecksOwn() throws IOException {
        for (PodSpec pod : pods("base")) {
            DeployFiles.parse(pod.getContainers().getFirst().getArgs());
        }
    }

    @Test
    void everyMountHasItsVolume() throws IOException {
        for (PodSpec pod : pods("base")) {
            assertThat(pod.getVolumes())
                    .extracting(volume -> volume.getName())
                    .containsExactlyInAnyOrderElementsOf(pod.getContainers().getFirst().getVolumeMounts().stream()
                            .map(mount -> mount.getName())
                            .toList());
        }
    }

    @Test
    void variablesAreThoseThatLimbeckReads() throws IOException {
        Properties variables = new Properties();
        try (var reader = Files.newBufferedReader(FOLDER.resolve("base/limbeck.env"))) {
            variables.load(reader);
        }
        assertThat(variables.stringPropertyNames()).isNotEmpty().allMatch(DeployFiles::knows);
        Map<String, Object> secret =
                DeployFiles.yaml(FOLDER.resolve("secret.example.yaml")).getFirst();
        assertThat(DeployFiles.map(secret.get("stringData")))
                .allSatisfy((name, value) ->
                        assertThat(value).as("a secret in the repository").isEqualTo(""))
                .allSatisfy((name, value) -> assertThat(name).matches(DeployFiles::knows));
    }

    /** Fields and triggers as KEDA's documentation lists them: keda.sh/docs/2.17/reference/scaledobject-spec and /scalers/temporal. */
    @Test
    void trainingFollowsItsQueue() throws IOException {
        Map<String, Object> scaled =
                DeployFiles.yaml(FOLDER.resolve("scaling/scaledobject.yaml")).getFirst();
        assertThat(scaled).containsEntry("apiVersion", "keda.sh/v1alpha1").containsEntry("kind", "ScaledObject");
        Map<String, Object> spec = DeployFiles.map(scaled.get("spec"));
        assertThat(spec.keySet())
                .isSubsetOf(
                        "scaleTargetRef",
                        "minReplicaCount",
                        "maxReplicaCount",
                        "pollingInterval",
                        "advanced",
                        "triggers");
        assertThat(DeployFiles.map(spec.get("scaleTargetRef"))).containsEntry("name", "training");
        Map<String, Object> modifiers =
                DeployFiles.map(DeployFiles.map(spec.get("advanced")).get("scalingModifiers"));
        List<String> triggers = new ArrayList<>();
        for (Object trigger : (List<?>) spec.get("triggers")) {
            triggers.add(String.valueOf(DeployFiles.map(trigger).get("name")));
            Map<String, Object> metadata =
                    DeployFiles.map(DeployFiles.map(trigger).get("metadata"));
            assertThat(metadata.values()).as("KEDA takes texts alone").allMatch(String.class::isInstance);
            assertThat(metadata.toString()).contains(TaskQueues.GPU);
        }
        assertThat(modifiers).containsEntry("formula", String.join(" + ", triggers));
        PodSpec training = pods("base").stream()
                .filter(pod -> pod.getContainers().getFirst().getArgs().contains("gpu"))
                .findFirst()
                .orElseThrow();
        assertThat(training.getContainers().getFirst().getArgs())
                .containsSubsequence("--slots", String.valueOf(modifiers.get("target")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cuda"})
    void overlaysFitTogether(String overlay) throws Exception {
        assumeThat(DeployFiles.hasProgram("kubectl"))
                .as("kubectl is not installed")
                .isTrue();
        String said = DeployFiles.run(FOLDER, "kubectl", "kustomize", "overlays/" + overlay);
        assertThat(said).startsWith("0\n");
        List<Map<String, Object>> documents = DeployFiles.yaml(said.substring(2));
        assertThat(documents)
                .extracting(document -> document.get("kind"))
                .contains("Namespace", "ConfigMap", "Deployment", "DaemonSet", "PodDisruptionBudget", "ScaledObject");
        for (Map<String, Object> document : documents) {
            Class<?> kind = KINDS.get(document.get("kind"));
            if (kind != null) {
                assertThat(strict.convertValue(document, kind)).isNotNull();
            }
        }
    }

    private Object read(Map<String, Object> document) throws JsonProcessingException {
        return strict.readValue(strict.writeValueAsString(document), KINDS.get(document.get("kind")));
    }

    private List<PodSpec> pods(String folder) throws IOException {
        List<PodSpec> pods = new ArrayList<>();
        for (Path file : manifests()) {
            if (file.startsWith(FOLDER.resolve(folder))) {
                for (Map<String, Object> document : DeployFiles.yaml(file)) {
                    if (read(document, Deployment.class) instanceof Deployment deployment) {
                        pods.add(deployment.getSpec().getTemplate().getSpec());
                    }
                    if (read(document, DaemonSet.class) instanceof DaemonSet set) {
                        pods.add(set.getSpec().getTemplate().getSpec());
                    }
                }
            }
        }
        assertThat(pods).hasSize(3);
        return pods;
    }

    /** @return null if it is something else */
    private Object read(Map<String, Object> document, Class<?> kind) throws JsonProcessingException {
        return kind.getSimpleName().equals(document.get("kind")) ? read(document) : null;
    }

    private static List<Path> manifests() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }
}
