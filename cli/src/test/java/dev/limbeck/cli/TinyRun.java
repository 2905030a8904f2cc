package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.learn.Activation;
import dev.limbeck.learn.FashionMnist;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.MobileNetPlan;
import dev.limbeck.learn.Networks;
import dev.limbeck.schemas.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A run of some seconds around a network of 100,000 MACs: every stage of the method on very little. */
final class TinyRun {

    static final String SPEC = "tiny.yaml";

    private static final String TEXT = """
            limbeck: v1
            name: tiny
            reference: reference.onnx
            task: {type: classification, data: fashion-mnist}
            space:
              vary: {kernel: [3], expansion: [1], depth: [1], activation: [relu], attention: [none], layer: [depthwise]}
            library: {epochs: 10, images: 300}
            predictor: {networks: 4, epochs: 1, images: 300}
            search: {population: 4, generations: 2}
            finetune: {networks: 2, epochs: 1, images: 1000}
            quantize: {calibration: minmax, images: 64}
            scenarios:
              - {name: float, precision: fp32}
            """;

    private TinyRun() {}

    /** Makes a folder with the spec and its reference. */
    static Path folder(Path folder) throws IOException {
        ImageInput input = new ImageInput(1, 28, FashionMnist.MEAN, FashionMnist.STD);
        MobileNetPlan.Stage stage = new MobileNetPlan.Stage(8, 2, 2, 3, 2, Activation.RELU, false);
        MobileNetPlan plan = new MobileNetPlan(4, 2, Activation.RELU, List.of(stage, stage), 16);
        Networks.mobileNet("tiny", input, 10, plan, 1).write(folder.resolve("reference.onnx"));
        Files.writeString(folder.resolve(SPEC), TEXT);
        return folder;
    }

    /** The same with a longer training at its end: on a fast machine, one epoch is over before anybody has seen it. */
    static Path folder(Path folder, int finetuneEpochs) throws IOException {
        return folder(folder, "fashion-mnist", finetuneEpochs);
    }

    /** The same on other images. */
    static Path folder(Path folder, Path images, int finetuneEpochs) throws IOException {
        return folder(folder, images.toString(), finetuneEpochs);
    }

    private static Path folder(Path folder, String data, int finetuneEpochs) throws IOException {
        folder(folder);
        String once = "finetune: {networks: 2, epochs: 1,";
        String text = TEXT.replace("fashion-mnist", data).replace(once, once.replace("1,", finetuneEpochs + ","));
        Files.writeString(folder.resolve(SPEC), text);
        return folder;
    }

    /** Waits for a run to end well. */
    static Results results(LimbeckProcess run, Path folder) throws InterruptedException, IOException {
        assertThat(run.join()).as(run.said()).isZero();
        Results results = Results.read(folder.resolve("runs/tiny/results.json"));
        for (Results.Network network : results.scenarios().getFirst().networks()) {
            assertThat(folder.resolve("runs/tiny").resolve(network.model())).isNotEmptyFile();
        }
        return results;
    }

    /** The same results but for latencies, times, and which networks were chosen by them. */
    static void assertSame(Results results, Results expected) {
        assertThat(results.runId()).isEqualTo(expected.runId());
        assertThat(results.reference()).isEqualTo(expected.reference());
        assertThat(results.blocks()).isEqualTo(expected.blocks());
        assertThat(results.predictor()).isEqualTo(expected.predictor());
        Map<Map<String, String>, List<Object>> networks = networks(results);
        Map<Map<String, String>, List<Object>> expectedNetworks = networks(expected);
        expectedNetworks.keySet().retainAll(networks.keySet());
        networks.keySet().retainAll(expectedNetworks.keySet());
        assertThat(networks).isNotEmpty().isEqualTo(expectedNetworks);
    }

    /** What does not depend on latencies, by architecture. */
    private static Map<Map<String, String>, List<Object>> networks(Results results) {
        return results.scenarios().getFirst().networks().stream()
                .collect(Collectors.toMap(
                        Results.Network::architecture,
                        network -> List.of(
                                network.predictedAccuracy(),
                                network.validationAccuracy(),
                                network.accuracy(),
                                network.macs(),
                                network.parameters(),
                                network.integerKernelShare(),
                                network.made())));
    }
}
