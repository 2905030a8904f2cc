package dev.limbeck.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedStoreTest extends StoreContract {

    private static final int LIMIT = 1000;

    @TempDir
    private Path folder;

    private FolderStore far;
    private CachedStore store;
    private long seconds;

    @BeforeEach
    void open() {
        far = new FolderStore(folder.resolve("far"));
        store = cached(LIMIT);
    }

    private CachedStore cached(long limit) {
        return new CachedStore(far, new DiskCache(folder.resolve("near"), limit, clock()));
    }

    /** Every look is a second later. */
    private Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return Instant.ofEpochSecond(seconds++);
            }

            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }
        };
    }

    @Override
    ArtifactStore store() {
        return store;
    }

    @Test
    void readsWhatItKeepsFromTheLocalDisk() throws IOException {
        String digest = store.put(new byte[100]);
        Files.delete(artifact("far", digest));
        assertThat(store.get(digest)).hasSize(100);
    }

    @Test
    void keepsWhatItHasRead() throws IOException {
        String digest = far.put(new byte[100]);
        store.get(digest);
        Files.delete(artifact("far", digest));
        assertThat(cached(LIMIT).get(digest)).hasSize(100);
    }

    @Test
    void readsADamagedArtifactAnew() throws IOException {
        String digest = store.put(new byte[100]);
        Files.write(artifact("near", digest), new byte[] {1});
        assertThat(store.get(digest)).hasSize(100);
        assertThat(Files.size(artifact("near", digest))).isEqualTo(100);
    }

    @Test
    void letsThoseLeaveFirstThatWereNotUsedForLongest() throws IOException {
        List<String> digests =
                Stream.of(301, 302, 303).map(size -> store.put(new byte[size])).toList();
        store.get(digests.getFirst());
        String newest = store.put(new byte[304]);
        assertThat(artifact("near", digests.getFirst())).exists();
        assertThat(artifact("near", digests.get(1))).doesNotExist();
        assertThat(artifact("near", newest)).exists();
        assertThat(store.get(digests.get(1))).hasSize(302);
        assertThat(held()).isLessThanOrEqualTo(LIMIT);
    }

    @Test
    void staysWithinItsLimit() throws IOException {
        for (int size = 1; size < 200; size++) {
            store.put(new byte[size]);
            assertThat(held()).isLessThanOrEqualTo(LIMIT);
        }
        store.put(new byte[LIMIT + 1]);
        assertThat(held()).isBetween(LIMIT / 2L, (long) LIMIT);
        cached(100);
        assertThat(held()).isLessThanOrEqualTo(100);
    }

    @Test
    void worksWithoutAnythingKept() {
        CachedStore none = cached(0);
        assertThat(none.get(none.put(new byte[10]))).hasSize(10);
    }

    @Test
    void worksWhereTheFolderCannotBeWritten() throws IOException {
        Files.createFile(folder.resolve("file"));
        CachedStore none = new CachedStore(far, new DiskCache(folder.resolve("file"), LIMIT, clock()));
        assertThat(none.get(none.put(new byte[10]))).hasSize(10);
    }

    @Test
    void refusesWhatIsNoDigestBeforeItLooks() {
        assertThatThrownBy(() -> store.get("../near")).isInstanceOf(IllegalArgumentException.class);
    }

    private Path artifact(String store, String digest) {
        return folder.resolve(store)
                .resolve("artifacts")
                .resolve(digest.substring(0, 2))
                .resolve(digest);
    }

    private long held() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("near"))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
