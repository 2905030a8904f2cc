package dev.limbeck.store;

import java.util.Optional;

/**
 * Holds artifacts under their SHA-256 digests, and small records under keys.
 *
 * <p>An artifact never changes. A record may be written again with the same content: every stage is a function of its key.
 * Implementations are safe to use from several threads and processes at once, and never show half of anything.
 */
public interface ArtifactStore extends AutoCloseable {

    /** Stores the bytes; storing them twice costs nothing. @return their SHA-256 digest in hexadecimal */
    String put(byte[] bytes);

    /**
     * @throws MissingArtifactException if there is none under this digest
     * @throws IllegalStateException if what lies there has another digest (a damaged disk)
     */
    byte[] get(String digest);

    boolean contains(String digest);

    /** The record under a key, as it was remembered. */
    Optional<byte[]> recall(String key);

    /** Keeps a record under a key; replaces an earlier one. */
    void remember(String key, byte[] record);

    /**
     * Keeps a record under a key unless there is one: of several processes that do the same work, the first one's result holds.
     *
     * @return the record that is kept
     */
    byte[] rememberFirst(String key, byte[] record);

    /** Drops a record, such as a checkpoint that is no longer needed; nothing happens if there is none. */
    void forget(String key);

    /** Ends its connections, where it has any. */
    @Override
    default void close() {}
}
