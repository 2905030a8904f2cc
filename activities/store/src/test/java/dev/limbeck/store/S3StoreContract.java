package dev.limbeck.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** What every server that speaks S3's protocol must do for a store. */
abstract class S3StoreContract extends StoreContract {

    private static final String BUCKET = "networks";

    private S3Client client;
    private S3Store store;

    abstract URI endpoint();

    abstract String user();

    abstract String secret();

    /** The SDK takes properties of the JVM as it takes variables of the environment. */
    private Map<String, String> properties() {
        return Map.of(
                "aws.endpointUrlS3", endpoint().toString(),
                "aws.accessKeyId", user(),
                "aws.secretAccessKey", secret(),
                "aws.region", "us-east-1");
    }

    @BeforeEach
    void open() {
        properties().forEach(System::setProperty);
        client = S3Client.builder()
                .endpointOverride(endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(user(), secret())))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .forcePathStyle(true)
                .build();
        if (client.listBuckets().buckets().isEmpty()) {
            client.createBucket(request -> request.bucket(BUCKET));
        }
        client.listObjectsV2(request -> request.bucket(BUCKET))
                .contents()
                .forEach(object ->
                        client.deleteObject(request -> request.bucket(BUCKET).key(object.key())));
        store = S3Store.open("s3://" + BUCKET + "/team/a");
    }

    @AfterEach
    void close() {
        store.close();
        client.close();
        properties().keySet().forEach(System::clearProperty);
    }

    @Override
    ArtifactStore store() {
        return store;
    }

    @Test
    void noticesADamagedArtifact() {
        String digest = store.put(new byte[] {1, 2, 3});
        damage("team/a/artifacts/" + digest.substring(0, 2) + "/" + digest);
        assertThatThrownBy(() -> store.get(digest)).hasMessageContaining("damaged");
    }

    @Test
    void noticesADamagedRecord() {
        store.remember("key", new byte[] {1, 2, 3});
        damage("team/a/records/" + Digests.ofParts("key"));
        assertThatThrownBy(() -> store.recall("key")).hasMessageContaining("damaged");
    }

    private void damage(String key) {
        assertThat(client.headObject(request -> request.bucket(BUCKET).key(key)).contentLength())
                .isEqualTo(3);
        client.putObject(request -> request.bucket(BUCKET).key(key), RequestBody.fromBytes(new byte[] {1}));
    }

    @Test
    void leavesNoHalfUploads() {
        store.put(new byte[10_000_000]);
        store.put(new byte[10_000_000]);
        assertThat(client.listMultipartUploads(request -> request.bucket(BUCKET))
                        .uploads())
                .isEmpty();
    }

    @Test
    void keepsToItsPrefix() {
        String digest = store.put(new byte[] {1});
        try (S3Store other = S3Store.open("s3://" + BUCKET + "/team/b/")) {
            assertThat(other.contains(digest)).isFalse();
        }
        try (S3Store whole = S3Store.open("s3://" + BUCKET)) {
            assertThat(whole.contains(digest)).isFalse();
        }
    }

    @Test
    void saysThatThereIsNoSuchBucket() {
        assertThatThrownBy(() -> S3Store.open("s3://elsewhere"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("no such bucket");
    }

    @Test
    void saysThatAccessIsDenied() {
        System.setProperty("aws.secretAccessKey", "wrong-secret");
        assertThatThrownBy(() -> S3Store.open("s3://" + BUCKET))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("access is denied")
                .hasMessageNotContaining("wrong-secret");
    }
}
