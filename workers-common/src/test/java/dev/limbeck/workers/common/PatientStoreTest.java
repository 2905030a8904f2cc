package dev.limbeck.workers.common;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.schemas.NoSpaceException;
import dev.limbeck.store.ArtifactStore;
import io.temporal.activity.ActivityInterface;
import io.temporal.testing.TestActivityEnvironment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PatientStoreTest {

    @ActivityInterface
    public interface Work {

        String work(String text);
    }

    private final TestActivityEnvironment temporal = TestActivityEnvironment.newInstance();
    private final Metrics metrics = Metrics.unserved();
    private final Full disk = new Full();
    private final ArtifactStore store = new PatientStore(disk, metrics, Duration.ofMillis(1));
    private final List<String> heartbeats = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        temporal.close();
        metrics.close();
    }

    @Test
    void tasksWaitForSpaceAndStayAlive() {
        temporal.setActivityHeartbeatListener(String.class, heartbeats::add);
        temporal.registerActivitiesImplementations((Work) text -> {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            disk.fullFor = 3;
            String digest = store.put(bytes);
            disk.fullFor = 2;
            store.remember("checkpoint", bytes);
            disk.fullFor = 1;
            return digest + new String(store.rememberFirst("result", bytes), StandardCharsets.UTF_8);
        });
        assertThat(temporal.newActivityStub(Work.class).work("bytes")).isEqualTo("digestbytes");
        assertThat(disk.records).containsOnlyKeys("checkpoint", "result");
        assertThat(heartbeats).contains("the store is full");
        assertThat(disk.waiting).containsExactly(0, 1, 1, 1);
        assertThat(metrics.waitsForSpace()).hasValue(0);
    }

    /** So full for some writes, after which somebody has made space. */
    private final class Full implements ArtifactStore {

        private final Map<String, byte[]> records = new HashMap<>();
        private final List<Integer> waiting = new ArrayList<>();
        private int fullFor;

        private void write() {
            if (fullFor-- > 0) {
                throw new NoSpaceException("No space left on device", null);
            }
        }

        @Override
        public String put(byte[] bytes) {
            waiting.add(metrics.waitsForSpace().get());
            write();
            return "digest";
        }

        @Override
        public byte[] get(String digest) {
            return new byte[0];
        }

        @Override
        public boolean contains(String digest) {
            return false;
        }

        @Override
        public Optional<byte[]> recall(String key) {
            return Optional.ofNullable(records.get(key));
        }

        @Override
        public void remember(String key, byte[] content) {
            write();
            records.put(key, content);
        }

        @Override
        public byte[] rememberFirst(String key, byte[] content) {
            write();
            return records.computeIfAbsent(key, absent -> content);
        }

        @Override
        public void forget(String key) {
            records.remove(key);
        }
    }
}
