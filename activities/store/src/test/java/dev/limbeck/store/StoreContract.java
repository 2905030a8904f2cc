package dev.limbeck.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every store must do. */
abstract class StoreContract {

    private static final byte[] BYTES = "a network".getBytes(StandardCharsets.UTF_8);

    abstract ArtifactStore store();

    @Test
    void givesBackWhatWasPut() {
        String digest = store().put(BYTES);
        assertThat(digest).isEqualTo(Digests.of(BYTES));
        assertThat(store().put(BYTES)).isEqualTo(digest);
        assertThat(store().contains(digest)).isTrue();
        assertThat(store().get(digest)).isEqualTo(BYTES);
    }

    @Test
    void saysThatAnArtifactIsMissing() {
        String absent = Digests.of(new byte[] {1});
        assertThat(store().contains(absent)).isFalse();
        assertThatThrownBy(() -> store().get(absent))
                .isInstanceOf(MissingArtifactException.class)
                .hasMessageContaining(absent);
    }

    @Test
    void refusesWhatIsNoDigest() {
        assertThatThrownBy(() -> store().get("../../etc/passwd")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void remembersTheNewestRecordAndForgets() {
        store().remember("key/with: anything", new byte[] {1});
        store().remember("key/with: anything", new byte[] {2});
        assertThat(store().recall("key/with: anything")).hasValue(new byte[] {2});
        store().forget("key/with: anything");
        assertThat(store().recall("key/with: anything")).isEmpty();
        store().forget("key/with: anything");
    }

    @Test
    void keepsLargeArtifactsWhole() {
        byte[] large = new byte[20_000_000];
        new Random(1).nextBytes(large);
        String digest = store().put(large);
        assertThat(store().put(large)).isEqualTo(digest);
        assertThat(store().get(digest)).isEqualTo(large);
        store().remember("large", large);
        assertThat(store().rememberFirst("large", new byte[] {1})).isEqualTo(large);
    }

    @Test
    void keepsTheFirstRecordWhereThatIsAsked() {
        assertThat(store().rememberFirst("first", new byte[] {1})).isEqualTo(new byte[] {1});
        assertThat(store().rememberFirst("first", new byte[] {2})).isEqualTo(new byte[] {1});
        assertThat(store().recall("first")).hasValue(new byte[] {1});
        store().remember("first", new byte[] {3});
        assertThat(store().rememberFirst("first", new byte[] {4})).isEqualTo(new byte[] {3});
        store().forget("first");
        assertThat(store().rememberFirst("first", new byte[] {5})).isEqualTo(new byte[] {5});
    }

    @Test
    void letsOneOfManyWritersWin() throws Exception {
        int writers = 8;
        CyclicBarrier start = new CyclicBarrier(writers);
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            List<Future<byte[]>> kept = IntStream.range(0, writers)
                    .mapToObj(writer -> threads.submit(() -> {
                        start.await();
                        assertThat(store().put(BYTES)).isEqualTo(Digests.of(BYTES));
                        return store().rememberFirst("contended", new byte[] {(byte) writer});
                    }))
                    .toList();
            byte[] winner = kept.getFirst().get();
            assertThat(kept).allSatisfy(each -> assertThat(each.get()).isEqualTo(winner));
            assertThat(store().recall("contended")).hasValue(winner);
        }
        assertThat(store().get(Digests.of(BYTES))).isEqualTo(BYTES);
    }

    @Test
    void holdsToTheResultOfTheFasterProcess() {
        Memory memory = new Memory(store(), new ObjectMapper());
        String key = Digests.ofParts("race");
        int slower = memory.once(key, Integer.class, () -> memory.once(key, Integer.class, () -> 1) + 1);
        assertThat(slower).isEqualTo(1);
    }

    @Test
    void computesOnce() {
        AtomicInteger calls = new AtomicInteger();
        Memory memory = new Memory(store(), new ObjectMapper());
        String key = Digests.ofParts("stage", 1, "input");
        assertThat(memory.once(key, Integer.class, calls::incrementAndGet)).isEqualTo(1);
        assertThat(memory.once(key, Integer.class, calls::incrementAndGet)).isEqualTo(1);
    }
}
