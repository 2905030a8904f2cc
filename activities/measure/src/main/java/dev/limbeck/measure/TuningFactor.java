package dev.limbeck.measure;

import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.Provider;
import dev.limbeck.runtime.SessionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Something about the runtime that can be set in several ways, the first of which is the default. None changes what a network computes
 * by more than rounding.
 */
record TuningFactor(String name, List<UnaryOperator<SessionOptions>> choices) {

    /** Of threads that wait for work: spin, which is the default, or sleep. */
    private static final String SPINNING = "session.intra_op.allow_spinning";

    /** Work is dealt out in smaller and smaller blocks, so that no thread has much left when the others are done. */
    private static final String DEALING = "session.dynamic_block_base";

    private static final String DENORMALS = "session.set_denormal_as_zero";

    /** Where the layout of tensors is left as it is in the file: blocks of channels for floats, channels last for integers. */
    private static final String DISABLED = "optimization.disable_specified_optimizers";

    /** @param threads that may be used, at least 1 */
    static List<TuningFactor> all(int threads, List<Provider> providers) {
        List<TuningFactor> factors = new ArrayList<>();
        if (threads > 1) {
            factors.add(new TuningFactor("threads", threadCounts(threads)));
        }
        if (providers.size() > 1) {
            factors.add(new TuningFactor(
                    "provider", providers.stream().map(TuningFactor::provider).toList()));
        }
        factors.add(new TuningFactor(
                "optimization",
                List.of(
                        settings -> settings.withOptimization(Optimization.ALL),
                        settings -> settings.withOptimization(Optimization.EXTENDED),
                        settings -> settings.withOptimization(Optimization.BASIC))));
        factors.add(config("layout", DISABLED, "NchwcTransformer", "NhwcTransformer"));
        if (threads > 1) {
            factors.add(new TuningFactor(
                    "branches", List.of(settings -> settings.withBranches(1), settings -> settings.withBranches(2)
                            .withThreads(Math.max(1, settings.threads() / 2)))));
            factors.add(config("waiting", SPINNING, "0"));
            factors.add(config("dealing", DEALING, "4"));
        }
        factors.add(config("denormals", DENORMALS, "1"));
        factors.add(new TuningFactor(
                "arena", List.of(settings -> settings.withArena(true), settings -> settings.withArena(false))));
        factors.add(new TuningFactor(
                "memory pattern",
                List.of(settings -> settings.withMemoryPattern(true), settings -> settings.withMemoryPattern(false))));
        return factors;
    }

    private static List<UnaryOperator<SessionOptions>> threadCounts(int threads) {
        return Stream.concat(Stream.of(threads), Stream.iterate(1, count -> count < threads, count -> 2 * count))
                .<UnaryOperator<SessionOptions>>map(count -> settings -> settings.withThreads(count))
                .toList();
    }

    private static UnaryOperator<SessionOptions> provider(Provider provider) {
        return settings -> settings.withProvider(provider);
    }

    private static TuningFactor config(String name, String key, String... values) {
        return new TuningFactor(
                name,
                Stream.concat(
                                Stream.<UnaryOperator<SessionOptions>>of(settings -> settings.withoutConfig(key)),
                                Stream.of(values)
                                        .<UnaryOperator<SessionOptions>>map(
                                                value -> settings -> settings.withConfig(key, value)))
                        .toList());
    }

    /** What this factor can make of settings, those that are so already left out. */
    List<SessionOptions> alternatives(SessionOptions settings) {
        return choices.stream()
                .map(choice -> choice.apply(settings))
                .filter(other -> !other.equals(settings))
                .distinct()
                .toList();
    }

    /** Settings with the default of this factor. */
    SessionOptions plain(SessionOptions settings) {
        return choices.getFirst().apply(settings);
    }
}
