package dev.limbeck.graph;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a network came from; enough to make it again.
 *
 * <p>It stands in the model's {@code metadata_props}, under keys that begin with "limbeck.".
 *
 * @param stage what was done, such as "train" or "quantize"
 * @param version of the stage; it changes when the stage's results do
 * @param parameters of the stage, by name
 * @param inputs digests of what went in (models, data), by role
 * @param seed of the stage's random numbers, if it uses any
 */
public record Provenance(
        String stage,
        String version,
        SortedMap<String, String> parameters,
        SortedMap<String, String> inputs,
        OptionalLong seed) {

    private static final String STAGE = "limbeck.stage";
    private static final String VERSION = "limbeck.version";
    private static final String SEED = "limbeck.seed";
    private static final String PARAMETERS = "limbeck.parameters.";
    private static final String INPUTS = "limbeck.inputs.";

    public Provenance {
        requireNonNull(stage, "stage is null");
        requireNonNull(version, "version is null");
        requireNonNull(seed, "seed is null");
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        inputs = Collections.unmodifiableSortedMap(new TreeMap<>(inputs));
    }

    public static Provenance of(
            String stage, String version, Map<String, String> parameters, Map<String, String> inputs) {
        return new Provenance(stage, version, new TreeMap<>(parameters), new TreeMap<>(inputs), OptionalLong.empty());
    }

    public Provenance withSeed(long newSeed) {
        return new Provenance(stage, version, parameters, inputs, OptionalLong.of(newSeed));
    }

    /**
     * Reads back what {@link #writeTo} wrote; empty where the model says nothing of the kind.
     *
     * @throws BadInputException if the seed is not a number
     */
    public static Optional<Provenance> of(Graph graph) {
        Map<String, String> metadata = graph.metadata();
        if (!metadata.containsKey(STAGE)) {
            return Optional.empty();
        }
        return Optional.of(new Provenance(
                metadata.get(STAGE),
                metadata.getOrDefault(VERSION, ""),
                below(PARAMETERS, metadata),
                below(INPUTS, metadata),
                seed(metadata.get(SEED))));
    }

    /** The graph with this in its metadata, in the place of what it said before of where it came from. */
    public Graph writeTo(Graph graph) {
        Map<String, String> metadata = new HashMap<>(graph.metadata());
        metadata.keySet()
                .removeIf(key -> key.equals(STAGE)
                        || key.equals(VERSION)
                        || key.equals(SEED)
                        || key.startsWith(PARAMETERS)
                        || key.startsWith(INPUTS));
        metadata.put(STAGE, stage);
        metadata.put(VERSION, version);
        parameters.forEach((name, value) -> metadata.put(PARAMETERS + name, value));
        inputs.forEach((name, value) -> metadata.put(INPUTS + name, value));
        seed.ifPresent(value -> metadata.put(SEED, Long.toString(value)));
        return graph.edit().clearMetadata().metadata(metadata).build();
    }

    private static SortedMap<String, String> below(String prefix, Map<String, String> metadata) {
        SortedMap<String, String> found = new TreeMap<>();
        metadata.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                found.put(key.substring(prefix.length()), value);
            }
        });
        return found;
    }

    private static OptionalLong seed(String text) {
        try {
            return text == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw new BadInputException(
                    "the model's metadata '" + SEED + "' is '" + text + "', which is not a whole number", e);
        }
    }
}
