package dev.limbeck.learn;

import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Downloads the files of Fashion-MNIST; they are checked by whoever asked for them. */
record HttpFetcher(URI address) implements FashionMnistSource.Fetcher {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration FILE_TIMEOUT = Duration.ofMinutes(5);

    @Override
    public void fetch(Path folder, Progress progress) throws IOException, InterruptedException {
        // The client is not closed: on Java 21 closing waits for its idle connections.
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        int done = 0;
        for (FashionMnistFile file : FashionMnistFile.values()) {
            URI from = address.resolve(file.fileName());
            progress.report("get Fashion-MNIST", done++, FashionMnistFile.values().length, from.toString());
            HttpRequest request =
                    HttpRequest.newBuilder(from).timeout(FILE_TIMEOUT).build();
            HttpResponse<byte[]> response;
            try {
                response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            } catch (IOException e) {
                throw new IOException("no connection (" + e.getClass().getSimpleName() + ")", e);
            }
            if (response.statusCode() != 200) {
                throw new IOException(file.fileName() + " is answered with HTTP status " + response.statusCode());
            }
            file.unpack(response.body(), from.toString());
            Files.write(folder.resolve(file.fileName()), response.body());
        }
    }

    @Override
    public String place() {
        return address.toString();
    }
}
