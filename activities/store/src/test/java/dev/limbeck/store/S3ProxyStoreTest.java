package dev.limbeck.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.net.URI;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a server in this process that keeps objects in memory. */
class S3ProxyStoreTest extends S3StoreContract {

    private static final String USER = "user";
    private static final String SECRET = "secret";

    private static S3Proxy server;

    @BeforeAll
    static void startServer() throws Exception {
        server = S3Proxy.builder()
                .blobStore(BlobStores.create("transient", new Properties()))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, USER, SECRET)
                .build();
        server.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.stop();
    }

    @Override
    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    @Override
    String user() {
        return USER;
    }

    @Override
    String secret() {
        return SECRET;
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3:bucket", "s3://", "s3://UPPER", "s3://bucket/a b"})
    void refusesWhatIsNoLocation(String location) {
        assertThatThrownBy(() -> S3Store.open(location))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("give s3://bucket/prefix");
    }

    @Test
    void saysThatNobodyAnswers() {
        System.setProperty("aws.endpointUrlS3", "http://127.0.0.1:1");
        assertThatThrownBy(() -> S3Store.open("s3://networks"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("AWS_ENDPOINT_URL_S3");
    }
}
