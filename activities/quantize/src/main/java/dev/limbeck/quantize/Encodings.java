package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The grids of a network's tensors, as AIMET and Qualcomm's runtimes exchange them.
 *
 * @param activations by the name of the tensor in the float network
 * @param parameters by the name of the initializer; biases, whose grid follows from input and weight, are left out
 */
public record Encodings(Map<String, Encoding> activations, Map<String, Encoding> parameters) {

    /** Versions of the JSON format. */
    public enum Version {
        V0_6_1("0.6.1"),
        V1_0_0("1.0.0"),
        V2_0_0("2.0.0");

        private final String text;

        Version(String text) {
            this.text = text;
        }

        /** As it stands in a file. */
        public String text() {
            return text;
        }
    }

    public Encodings {
        activations = Collections.unmodifiableMap(new LinkedHashMap<>(activations));
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** Those of a network that was quantized. */
    public static Encodings of(Quantized quantized) {
        Map<String, Encoding> activations = new LinkedHashMap<>();
        Map<String, Encoding> parameters = new LinkedHashMap<>();
        quantized.encodings().forEach((name, encoding) -> {
            boolean constant = quantized.graph().initializers().containsKey(QdqNodes.stored(name));
            (constant ? parameters : activations).put(name, encoding);
        });
        return new Encodings(activations, parameters);
    }

    /**
     * @param network the float network: which axis of a weight holds its channels depends on the operator that reads it
     * @throws BadInputException naming the file and the tensor, if the file cannot be read or does not fit the network
     */
    public static Encodings read(Path file, Graph network) {
        try {
            return parse(Files.readString(file), file.toString(), network);
        } catch (IOException e) {
            throw new BadInputException("cannot read " + file + ": " + e, e);
        }
    }

    /** As {@link #read}. @param origin of the text, for messages */
    public static Encodings parse(String json, String origin, Graph network) {
        return new EncodingsReader(origin, network).read(json);
    }

    /** @throws BadInputException naming a tensor whose grid the version cannot say */
    public void write(Path file, Version version) {
        try {
            Files.writeString(file, toJson(version));
        } catch (IOException e) {
            throw new BadInputException("cannot write " + file + ": " + e, e);
        }
    }

    /** As {@link #write}. */
    public String toJson(Version version) {
        return EncodingsWriter.write(this, version);
    }
}
