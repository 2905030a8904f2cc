package dev.limbeck.store;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A store in a bucket of S3, or of any server that speaks its protocol: {@code PREFIX/artifacts/ab/abcdef…} and
 * {@code PREFIX/records/…}.
 *
 * <p>The server shows objects whole or not at all. Of several writers of one artifact, and of one record by {@link #rememberFirst},
 * the first wins. Artifacts are checked by their names at every read, records by a digest that lies beside them.
 */
public final class S3Store implements ArtifactStore {

    private static final Pattern LOCATION = Pattern.compile("s3://([a-z0-9][a-z0-9.-]+[a-z0-9])(?:/([^\\s?#]*?))?/*");

    private final Bucket bucket;
    private final String prefix;

    S3Store(Bucket bucket, String prefix) {
        this.bucket = requireNonNull(bucket, "bucket is null");
        this.prefix = prefix.isEmpty() ? "" : prefix + "/";
    }

    /** Whether a location is one of this kind of store. */
    public static boolean isLocation(String location) {
        return location.startsWith("s3:");
    }

    /**
     * Connects with the address, the region and the credentials that every tool of AWS takes: {@code AWS_ENDPOINT_URL_S3},
     * {@code AWS_REGION}, {@code AWS_ACCESS_KEY_ID}, {@code AWS_PROFILE} and so on, or a profile, or the machine's own role.
     *
     * @param location {@code s3://bucket} or {@code s3://bucket/prefix}
     * @throws BadInputException if there is no such bucket, or it may not be read
     */
    public static S3Store open(String location) {
        Matcher parts = LOCATION.matcher(location);
        if (!parts.matches()) {
            throw new BadInputException("--store is '" + location + "'; give s3://bucket/prefix");
        }
        return new S3Store(
                Bucket.open(parts.group(1)), Optional.ofNullable(parts.group(2)).orElse(""));
    }

    @Override
    public String put(byte[] bytes) {
        String digest = Digests.of(bytes);
        String key = artifact(digest);
        if (!bucket.contains(key)) {
            bucket.putNew(key, bytes);
        }
        return digest;
    }

    @Override
    public byte[] get(String digest) {
        String key = artifact(digest);
        byte[] bytes = bucket.get(key)
                .orElseThrow(() -> new MissingArtifactException(digest, bucket.address(prefix + "artifacts")));
        if (!Digests.of(bytes).equals(digest)) {
            throw new IllegalStateException(
                    bucket.address(key) + " is damaged: its content has another digest; delete it and run again");
        }
        return bytes;
    }

    @Override
    public boolean contains(String digest) {
        return bucket.contains(artifact(digest));
    }

    @Override
    public Optional<byte[]> recall(String key) {
        return bucket.get(record(key));
    }

    @Override
    public void remember(String key, byte[] record) {
        bucket.put(record(key), record);
    }

    @Override
    public byte[] rememberFirst(String key, byte[] record) {
        return bucket.putNew(record(key), record) ? record : recall(key).orElse(record);
    }

    @Override
    public void forget(String key) {
        bucket.delete(record(key));
    }

    @Override
    public void close() {
        bucket.close();
    }

    private String artifact(String digest) {
        return prefix + "artifacts/" + Digests.check(digest).substring(0, 2) + "/" + digest;
    }

    /** Keys may hold any text, names of objects only some. */
    private String record(String key) {
        return prefix + "records/" + Digests.ofParts(key);
    }
}
