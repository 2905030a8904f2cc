package dev.limbeck.workers.common;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.schemas.Progress;
import dev.limbeck.store.FolderStore;
import dev.limbeck.workers.common.testing.InMemoryEventPublisher;
import io.temporal.activity.ActivityInterface;
import io.temporal.testing.TestActivityEnvironment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActivityProgressTest {

    @ActivityInterface
    public interface Work {

        void work();
    }

    @ActivityInterface
    public interface Silence {

        void silence();
    }

    @TempDir
    private Path folder;

    private final TestActivityEnvironment temporal = TestActivityEnvironment.newInstance();
    private final Metrics metrics = Metrics.unserved();
    private final InMemoryEventPublisher events = new InMemoryEventPublisher(Json.mapper());
    private final Ticks clock = new Ticks();
    private final List<String> heartbeats = new CopyOnWriteArrayList<>();
    private WorkerContext worker;

    @BeforeEach
    void start() {
        worker = new WorkerContext("host-1", new FolderStore(folder), Json.mapper(), events, metrics, clock);
        temporal.setActivityHeartbeatListener(String.class, heartbeats::add);
        temporal.registerActivitiesImplementations((Work) () -> {
            Progress progress = worker.activityProgress("run", "library");
            for (int done = 1; done <= 10; done++) {
                clock.millis += 200;
                progress.report("train", done, 10, "loss");
            }
        });
        temporal.newActivityStub(Work.class).work();
    }

    @AfterEach
    void stop() {
        temporal.close();
        metrics.close();
    }

    @Test
    void everyReportIsAHeartbeat() {
        assertThat(heartbeats).contains("train 1/10").doesNotHaveDuplicates();
    }

    @Test
    void eventsComeAtMostEveryHalfSecondAndAtTheEnd() {
        assertThat(events.events(Topic.PROGRESS))
                .allSatisfy(event -> assertThat(event.key()).isEqualTo("run"))
                .extracting(event -> event.data().get("done").asInt())
                .containsExactly(1, 4, 7, 10);
    }

    @Test
    void metersKnowTheStageAndTheWait() {
        assertThat(metrics.registry().scrape())
                .contains("limbeck_stage_progress_ratio{stage=\"library\"} 1.0", "limbeck_queue_wait_seconds_count{");
    }

    @Test
    void whatIsSaidAgainIsASignOfLifeAndNoStepFurther() {
        temporal.registerActivitiesImplementations((Silence) () -> {
            Progress progress = worker.activityProgress("run", "library");
            progress.report("layer", 1, 2, "");
            clock.millis += 60_000;
            progress.report("layer", 1, 2, "");
        });
        temporal.newActivityStub(Silence.class).silence();
        assertThat(heartbeats).contains("layer 1/2");
        assertThat(metrics.registry().scrape()).contains("limbeck_run_reported_timestamp_seconds{run=\"run\"} 1002.0");
    }

    private static final class Ticks extends Clock {

        private long millis = 1_000_000;

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
