package dev.limbeck.bench;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Splits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What peers train on, as the network takes it: {@code train.npy} with its {@code train-labels.npy} and {@code validation.npy}, beside the images that {@link
 * QuantizationData} writes. Arguments: the network, the folder to write. What the folder holds already is kept.
 */
public final class TrainingData {

    private TrainingData() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        Path last = folder.resolve("train.npy");
        if (Files.exists(last)) {
            return;
        }
        Graph network = Graph.read(Path.of(arguments[0]));
        Splits splits = QuantizationData.splits();
        QuantizationData.writeImages(network, folder);
        QuantizationData.write(
                folder.resolve("validation.npy"),
                splits.validation().fitting(network).images());
        QuantizationData.writeLabels(folder.resolve("train-labels.npy"), splits.train());
        Path part = folder.resolve("train.part");
        QuantizationData.write(part, splits.train().fitting(network).images());
        Files.move(part, last);
    }
}
