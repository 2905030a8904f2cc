package dev.limbeck.store;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Objects of one bucket, each with the SHA-256 digest of its content, which is checked at every read. */
final class Bucket implements AutoCloseable {

    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;

    /** Larger objects go in parts of this size, so that a connection that breaks costs one part; S3 wants 5 MiB at least. */
    private static final int PART_BYTES = 8 << 20;

    private static final int ATTEMPTS = 5;
    private static final String DIGEST = "limbeck-sha256";

    private final S3Client client;
    private final String name;

    Bucket(S3Client client, String name) {
        this.client = requireNonNull(client, "client is null");
        this.name = requireNonNull(name, "name is null");
    }

    /** @throws BadInputException if there is no such bucket, or it may not be read */
    static Bucket open(String name) {
        S3Client client = null;
        try {
            client = client(name);
            client.headBucket(request -> request.bucket(name));
            return new Bucket(client, name);
        } catch (SdkException | IllegalArgumentException e) {
            if (client != null) {
                client.close();
            }
            throw new BadInputException("the store s3://" + name + " cannot be opened: " + mend(e), e);
        }
    }

    /** AWS serves a bucket under a host of its name; others serve all under their own, which then is named. */
    private static S3Client client(String name) {
        S3Client client = client(name.contains("."));
        if (client.serviceClientConfiguration().endpointOverride().isEmpty()) {
            return client;
        }
        client.close();
        return client(true);
    }

    private static S3Client client(boolean pathStyle) {
        return S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .forcePathStyle(pathStyle)
                // servers other than AWS's do not know its newer checksums, and ours says more
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(settings -> settings.retryStrategy(
                        StandardRetryStrategy.builder().maxAttempts(ATTEMPTS).build()))
                .build();
    }

    private static String mend(RuntimeException failure) {
        return switch (status(failure)) {
            case NOT_FOUND -> "there is no such bucket; make it first, or look at AWS_ENDPOINT_URL_S3";
            case 301, 307 -> "the bucket is in another region; set AWS_REGION";
            case 400, 401, 403 ->
                "access is denied; look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_PROFILE, which need"
                        + " s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject";
            default ->
                failure.getMessage() + "; look at AWS_REGION, AWS_ENDPOINT_URL_S3 and AWS_ACCESS_KEY_ID or AWS_PROFILE";
        };
    }

    private static int status(RuntimeException failure) {
        return failure instanceof AwsServiceException answer ? answer.statusCode() : 0;
    }

    String address(String key) {
        return "s3://" + name + "/" + key;
    }

    boolean contains(String key) {
        return attempt("looked at", key, () -> {
            try {
                client.headObject(request -> request.bucket(name).key(key));
                return true;
            } catch (AwsServiceException e) {
                if (status(e) == NOT_FOUND) {
                    return false;
                }
                throw e;
            }
        });
    }

    /** @throws IllegalStateException if the content has another digest than when it was written */
    Optional<byte[]> get(String key) {
        Optional<ResponseBytes<GetObjectResponse>> found = attempt("read", key, () -> {
            try {
                return Optional.of(
                        client.getObjectAsBytes(request -> request.bucket(name).key(key)));
            } catch (AwsServiceException e) {
                if (status(e) == NOT_FOUND) {
                    return Optional.empty();
                }
                throw e;
            }
        });
        return found.map(object -> {
            byte[] bytes = object.asByteArrayUnsafe();
            if (!Digests.of(bytes).equals(object.response().metadata().get(DIGEST))) {
                throw new IllegalStateException(
                        address(key) + " is damaged: its content has another digest; delete it and run again");
            }
            return bytes;
        });
    }

    /** Writes an object, in the place of one that is there. */
    void put(String key, byte[] bytes) {
        attempt("written", key, () -> {
            if (bytes.length > PART_BYTES) {
                putParts(key, bytes, null);
                return true;
            }
            client.putObject(
                    request -> request.bucket(name).key(key).metadata(metadata(bytes)), RequestBody.fromBytes(bytes));
            return true;
        });
    }

    /** Writes an object unless one is there. @return false if one is there */
    boolean putNew(String key, byte[] bytes) {
        return attempt("written", key, () -> {
            for (int attempt = 1; ; attempt++) {
                try {
                    if (bytes.length > PART_BYTES) {
                        putParts(key, bytes, "*");
                    } else {
                        client.putObject(
                                request -> request.bucket(name)
                                        .key(key)
                                        .metadata(metadata(bytes))
                                        .ifNoneMatch("*"),
                                RequestBody.fromBytes(bytes));
                    }
                    return true;
                } catch (AwsServiceException e) {
                    if (status(e) == PRECONDITION_FAILED) {
                        return false;
                    }
                    // somebody writes it at this moment, and may yet fail
                    if (status(e) != CONFLICT || attempt == ATTEMPTS) {
                        throw e;
                    }
                }
            }
        });
    }

    /** Nothing is seen of the object before all of its parts are there. */
    private void putParts(String key, byte[] bytes, String ifNoneMatch) {
        String upload = client.createMultipartUpload(
                        request -> request.bucket(name).key(key).metadata(metadata(bytes)))
                .uploadId();
        try {
            List<CompletedPart> parts = new ArrayList<>();
            for (int start = 0; start < bytes.length; start += PART_BYTES) {
                parts.add(putPart(key, upload, parts.size() + 1, bytes, start));
            }
            client.completeMultipartUpload(request -> request.bucket(name)
                    .key(key)
                    .uploadId(upload)
                    .ifNoneMatch(ifNoneMatch)
                    .multipartUpload(whole -> whole.parts(parts)));
        } catch (SdkException e) {
            abort(key, upload, e);
            throw e;
        }
    }

    private CompletedPart putPart(String key, String upload, int number, byte[] bytes, int start) {
        int length = Math.min(PART_BYTES, bytes.length - start);
        String tag = client.uploadPart(
                        request ->
                                request.bucket(name).key(key).uploadId(upload).partNumber(number),
                        RequestBody.fromContentProvider(
                                () -> new ByteArrayInputStream(bytes, start, length),
                                length,
                                "application/octet-stream"))
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    /** Parts would be kept, and paid for, for ever. */
    private void abort(String key, String upload, SdkException reason) {
        try {
            client.abortMultipartUpload(request -> request.bucket(name).key(key).uploadId(upload));
        } catch (SdkException e) {
            reason.addSuppressed(e);
        }
    }

    void delete(String key) {
        attempt(
                "deleted",
                key,
                () -> client.deleteObject(request -> request.bucket(name).key(key)));
    }

    private static Map<String, String> metadata(byte[] bytes) {
        return Map.of(DIGEST, Digests.of(bytes));
    }

    private <T> T attempt(String what, String key, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            throw new UncheckedIOException(
                    address(key) + " cannot be " + what + ": " + e.getMessage(), new IOException(e));
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
