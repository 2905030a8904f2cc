package dev.limbeck.workers.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {

    @Test
    void metersAreServedWithUnitsInTheirNames() throws Exception {
        try (Metrics metrics = Metrics.serve(0)) {
            assertThat(URI.create(metrics.address()).getHost()).isEqualTo("127.0.0.1");
            metrics.imagesTrained(128);
            metrics.blockTrained();
            metrics.networkFinetuned();
            metrics.measured("local", "int8", true);
            metrics.inferenceLatency("local", "int8", 0.25);
            metrics.queueWait("limbeck-gpu", Duration.ofMillis(20));
            assertThat(get(metrics, "*/*").body())
                    .contains(
                            "limbeck_training_images_total 128.0",
                            "limbeck_blocks_trained_total 1.0",
                            "limbeck_networks_finetuned_total 1.0",
                            "limbeck_candidates_measured_total{device_class=\"local\",remembered=\"true\",scenario=\"int8\"} 1.0",
                            "limbeck_inference_latency_seconds_sum{device_class=\"local\",scenario=\"int8\"} 2.5E-4",
                            "limbeck_inference_latency_seconds_bucket{device_class=\"local\",scenario=\"int8\",le=",
                            "limbeck_queue_wait_seconds_count{queue=\"limbeck-gpu\"} 1",
                            "jvm_memory_used_bytes{");
        }
    }

    @Test
    void theContentTypeSaysWhichFormatIsSent() throws Exception {
        try (Metrics metrics = Metrics.serve(0)) {
            HttpResponse<String> plain = get(metrics, "text/plain");
            assertThat(plain.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
            assertThat(plain.body()).doesNotContain("# EOF");
            HttpResponse<String> open = get(metrics, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
            assertThat(open.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("application/openmetrics-text");
            assertThat(open.body()).endsWith("# EOF\n");
        }
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> Metrics.serve(other.getLocalPort()))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("port " + other.getLocalPort())
                    .hasMessageContaining("--metrics-port");
        }
    }

    @Test
    void imagesOfATrainingAreCountedFromWhereItGoesOn() {
        try (Metrics metrics = Metrics.unserved()) {
            List<Long> passedOn = new ArrayList<>();
            Progress counting = metrics.countingImages((step, done, total, detail) -> passedOn.add(done), 500);
            for (long done : new long[] {1000, 1100, 1250}) {
                counting.report("train", done, 2000, "");
            }
            assertThat(passedOn).containsExactly(1000L, 1100L, 1250L);
            assertThat(metrics.registry().scrape())
                    .contains("limbeck_training_images_total 250.0", "limbeck_training_epochs_total 0.5");
        }
    }

    @Test
    void progressOfAStageIsAShare() {
        try (Metrics metrics = Metrics.unserved()) {
            metrics.progress("library", 1, 4);
            metrics.progress("library", 3, 4);
            metrics.progress("search", 5, 0);
            assertThat(metrics.registry().scrape())
                    .contains(
                            "limbeck_stage_progress_ratio{stage=\"library\"} 0.75",
                            "limbeck_stage_progress_ratio{stage=\"search\"} 0.0");
        }
    }

    private static HttpResponse<String> get(Metrics metrics, String accept) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(metrics.address()))
                            .header("Accept", accept)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
