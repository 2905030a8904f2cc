package dev.limbeck.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
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
    void computesOnce() {
        AtomicInteger calls = new AtomicInteger();
        Memory memory = new Memory(store(), new ObjectMapper());
        String key = Digests.ofParts("stage", 1, "input");
        assertThat(memory.once(key, Integer.class, calls::incrementAndGet)).isEqualTo(1);
        assertThat(memory.once(key, Integer.class, calls::incrementAndGet)).isEqualTo(1);
    }
}
