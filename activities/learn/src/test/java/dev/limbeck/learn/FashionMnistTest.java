package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistTest {

    /** A folder with the four real files. */
    private static Path real;

    @TempDir
    Path temp;

    @BeforeAll
    static void findTheFiles() {
        TestData.fashionMnist();
        real = FashionMnistSource.standard(null, TestData.cache()).locate(Progress.NONE);
    }

    @Test
    void hasTheKnownSizesAndABalancedValidationSplit() {
        Splits splits = TestData.fashionMnist();
        assertThat(splits.train().size()).isEqualTo(55_000);
        assertThat(splits.test().size()).isEqualTo(10_000);
        assertThat(countOfEachClass(splits.validation())).containsOnly(500);
        assertThat(countOfEachClass(splits.train())).containsOnly(5_500);
        assertThat(countOfEachClass(splits.test())).containsOnly(1_000);
    }

    @Test
    void theSplitIsAlwaysTheSame() {
        assertThat(FashionMnist.load(real, temp, Progress.NONE).digest())
                .isEqualTo(TestData.fashionMnist().digest())
                .isEqualTo("9acc7f82aebb73ea9b5d0b690bd932b7347742636023844d5b4d00fe12df643e");
    }

    @Test
    void normalisedTrainingPixelsHaveMeanZeroAndDeviationOne() {
        FloatTensor images = TestData.fashionMnist().train().batch(0, 10_000);
        double sum = 0;
        double squares = 0;
        for (float value : images.data()) {
            sum += value;
            squares += (double) value * value;
        }
        double mean = sum / images.data().length;
        assertThat(images.shape()).containsExactly(10_000, 1, 28, 28);
        assertThat(mean).isCloseTo(0, within(0.01));
        assertThat(Math.sqrt(squares / images.data().length - mean * mean)).isCloseTo(1, within(0.01));
    }

    @Test
    void refusesAFileWithOtherContentNamingIt() throws IOException {
        copy(FashionMnistFile.values());
        Files.copy(
                real.resolve(FashionMnistFile.TRAIN_LABELS.fileName()),
                temp.resolve(FashionMnistFile.TEST_LABELS.fileName()),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> FashionMnist.load(temp, temp, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(temp.resolve("t10k-labels-idx1-ubyte.gz").toString())
                .hasMessageContaining("SHA-256 bad3541b")
                .hasMessageContaining("0402a96d");
    }

    @Test
    void refusesATruncatedFileNamingIt() throws IOException {
        copy(FashionMnistFile.values());
        Path labels = temp.resolve(FashionMnistFile.TRAIN_LABELS.fileName());
        byte[] whole = Files.readAllBytes(labels);
        Files.write(labels, java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> FashionMnist.load(temp, temp, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(labels.toString())
                .hasMessageContaining("not a complete gzip file");
    }

    @Test
    void namesEveryPlaceWhereItLooked() throws IOException {
        copy(FashionMnistFile.TRAIN_IMAGES);
        Path cache = temp.resolve("cache");
        FashionMnistSource source = new FashionMnistSource(
                List.of(temp, cache),
                cache,
                List.of(new HttpFetcher(URI.create("http://127.0.0.1:1/")), new BrokenFetcher()));
        assertThatThrownBy(() -> FashionMnist.load(source, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(temp + ": no train-labels-idx1-ubyte.gz, t10k-images")
                .hasMessageContaining(cache + ": no train-images")
                .hasMessageContaining("http://127.0.0.1:1/: no connection")
                .hasMessageContaining("a broken place: it is broken");
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void downloadsChecksAndKeeps() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = Files.readAllBytes(
                    real.resolve(exchange.getRequestURI().getPath().substring(1)));
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        FashionMnistSource source = new FashionMnistSource(
                List.of(temp),
                temp,
                List.of(new HttpFetcher(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"))));
        try {
            assertThat(source.locate(Progress.NONE)).isEqualTo(temp);
        } finally {
            server.stop(0);
        }
        assertThat(FashionMnist.load(source, Progress.NONE).test().size()).isEqualTo(10_000);
        assertThat(temp.toFile().list()).hasSize(4);
    }

    @Test
    void anUnknownDatasetIsRefusedWithTheKnownNames() {
        assertThatThrownBy(() -> Datasets.byName("cifar", null, temp, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessage("there is no dataset 'cifar'; known are: fashion-mnist");
    }

    private void copy(FashionMnistFile... files) throws IOException {
        for (FashionMnistFile file : files) {
            Files.copy(real.resolve(file.fileName()), temp.resolve(file.fileName()));
        }
    }

    private static int[] countOfEachClass(ImageDataset dataset) {
        int[] counts = new int[dataset.classes()];
        IntStream.of(dataset.labels()).forEach(label -> counts[label]++);
        return counts;
    }

    private static final class BrokenFetcher implements FashionMnistSource.Fetcher {

        @Override
        public void fetch(Path folder, Progress progress) throws IOException {
            throw new IOException("it is broken");
        }

        @Override
        public String place() {
            return "a broken place";
        }
    }
}
