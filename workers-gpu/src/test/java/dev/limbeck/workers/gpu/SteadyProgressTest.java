package dev.limbeck.workers.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SteadyProgressTest {

    private final BlockingQueue<List<Object>> reports = new LinkedBlockingQueue<>();

    @Test
    void repeatsTheLastReportUntilItIsClosed() throws InterruptedException {
        List<Object> second = List.of("round weights", 2L, 9L, "conv2");
        try (SteadyProgress progress = progress()) {
            progress.report("round weights", 1, 9, "conv1");
            progress.report("round weights", 2, 9, "conv2");
            while (!second.equals(reports.poll(10, TimeUnit.SECONDS))) {
                assertThat(reports).as("the second report comes").isNotEmpty();
            }
            assertThat(reports.poll(10, TimeUnit.SECONDS)).as("again").isEqualTo(second);
            assertThat(reports.poll(10, TimeUnit.SECONDS)).as("and again").isEqualTo(second);
        }
    }

    @Test
    void saysNothingBeforeTheFirstReport() throws InterruptedException {
        try (SteadyProgress progress = progress()) {
            assertThat(progress).isNotNull();
            assertThat(reports.poll(50, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    private SteadyProgress progress() {
        return new SteadyProgress(
                (step, done, total, detail) -> reports.add(List.of(step, done, total, detail)), Duration.ofMillis(5));
    }
}
