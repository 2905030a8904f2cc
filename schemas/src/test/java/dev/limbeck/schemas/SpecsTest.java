package dev.limbeck.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecsTest {

    /** Five lines; what a test adds begins in line 6. */
    private static final String SMALLEST = """
            limbeck: v1
            name: small
            reference: reference.onnx
            task: {type: classification, data: fashion-mnist}
            scenarios: [{name: float}]
            """;

    @TempDir
    private Path folder;

    @Test
    void whatIsLeftOutHasItsDefault() {
        Spec spec = Specs.parse(SMALLEST, "a.yaml");

        assertThat(spec.space().blocks()).isNull();
        assertThat(spec.space().vary().kernel()).containsExactly(3, 5);
        assertThat(spec.library()).isEqualTo(new Spec.Library(1.0, 15_000));
        assertThat(spec.predictor()).isEqualTo(new Spec.Predictor(24, 1.0, 15_000));
        assertThat(spec.search()).isEqualTo(new Spec.Search(48, 20));
        assertThat(spec.finetune()).isEqualTo(new Spec.Finetune(5, 5.0, Integer.MAX_VALUE, 3.0));
        assertThat(spec.quantize()).containsExactly(QuantizeSpec.defaults());
        assertThat(spec.quantize().getFirst().method()).isEqualTo("auto");
        assertThat(spec.scenarios())
                .containsExactly(new Spec.Scenario(
                        "float", "local", Spec.Precision.FP32, 1, 1, null, new Spec.Limits(null, null, null), null));
        assertThat(spec.goals()).isEqualTo(new Spec.Goals(null, null, null, null));
        assertThat(spec.seed()).isEqualTo(1);
    }

    @Test
    void theExampleIsASpec() {
        Spec spec = Specs.read(Path.of("..", "examples", "fashion-mnist", "quick.yaml"));

        assertThat(Path.of(spec.reference())).exists();
        assertThat(spec.scenarios()).hasSize(2);
    }

    @Test
    void theExampleOfQuantizationIsASpec() {
        Spec spec = Specs.read(Path.of("..", "examples", "fashion-mnist", "quantize.yaml"));

        assertThat(spec.onlyQuantizes()).isTrue();
        assertThat(spec.quantize()).hasSizeGreaterThan(3);
        assertThat(spec.quantize().getFirst().goal()).isEqualTo(0.002);
    }

    @Test
    void theExampleOfCompressionIsASpec() {
        Spec spec = Specs.read(Path.of("..", "examples", "fashion-mnist", "compress.yaml"));

        assertThat(spec.compress().scheme()).isEqualTo("weight-svd");
        assertThat(spec.quantize().getFirst().trains()).isTrue();
        assertThat(spec.scenarios().getFirst().tunes()).isTrue();
    }

    @Test
    void layersMayHaveBitsOfTheirOwn() throws IOException {
        Spec spec = Specs.parse(SMALLEST + "quantize: {mixed: [4, 8, w4a16], budget: 50%}\n", "a.yaml");
        QuantizeSpec way = spec.quantize().getFirst();
        assertThat(way.mixed()).containsExactly("4", "8", "w4a16");
        assertThat(way.budget()).isEqualTo(0.5);
        assertThat(way.mixedSearch()).isEqualTo("exact");
        assertThat(way.method()).isEqualTo(QuantizeSpec.POST_TRAINING);
        assertThat(way.name()).isEqualTo("mixed");
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readValue(json.writeValueAsString(spec), Spec.class)).isEqualTo(spec);
    }

    @Test
    void aBudgetMayBeALatency() throws IOException {
        Spec spec = Specs.parse(SMALLEST + "job: quantize\nquantize: {mixed: [8, float], budget: 400 us}\n", "a.yaml");
        QuantizeSpec way = spec.quantize().getFirst();
        assertThat(way.choosesByLatency()).isTrue();
        assertThat(way.budgetMillis()).isEqualTo(0.4);
        assertThat(way.budget()).isNull();
        assertThat(way.goal()).isNull();
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readValue(json.writeValueAsString(spec), Spec.class)).isEqualTo(spec);
        assertThatThrownBy(() -> Specs.parse(
                        SMALLEST.replace("scenarios: [{name: float}]", "job: quantize")
                                + "quantize: {mixed: [8, float], budget: 0.4 ms}\n",
                        "a.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessage("a.yaml:6: budget: a latency needs a scenario, in which it is measured; add one, or give a"
                        + " share of bit-operations, such as 0.5");
    }

    @Test
    void onlyWhatReachesForAGoalHasOneUnasked() {
        assertThat(goal("{}")).isEqualTo(0.01);
        assertThat(goal("{mixed: [4, 8]}")).isEqualTo(0.01);
        assertThat(goal("{mixed: [4, 8], budget: 0.5}")).isNull();
        assertThat(goal("{method: qat}")).isNull();
        assertThat(goal("{method: qat, goal: 1%}")).isEqualTo(0.01);
        assertThat(goal("{calibration: mse}")).isNull();
    }

    private static Double goal(String quantize) {
        return Specs.parse(SMALLEST + "quantize: " + quantize + "\n", "a.yaml")
                .quantize()
                .getFirst()
                .goal();
    }

    @Test
    void compressionByLatencyNeedsAScenario() {
        String byLatency = SMALLEST + "compress: {scheme: spatial-svd, cost: latency}\n";

        assertThat(Specs.parse(byLatency, "a.yaml").compress().choosesByLatency())
                .isTrue();
        assertThatThrownBy(
                        () -> Specs.parse(byLatency.replace("scenarios: [{name: float}]", "job: quantize"), "a.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessage(
                        "a.yaml:6: compress.cost: latency needs a scenario, in which latencies are measured; add one, or"
                                + " give cost: macs");
    }

    @Test
    void quantizationHasTheNamesOfTheField() throws IOException {
        String text = SMALLEST.replace("scenarios: [{name: float}]\n", "") + """
                job: quantize
                quantize: {weights: int4, activations: uint16, target: htp, granularity: blockwise, blockSize: 64, weightCalibration: mse,
                  percentile: 99.9, equalize: true, biasCorrection: true, smoothQuant: 0.5, packWeights: true, matMulBlockSize: 32,
                  images: 64, minSqnr: 20,
                  rounding: {method: block-reconstruction, iterations: 20, seqMse: true, candidates: 10}}
                """;
        Spec spec = Specs.parse(text, "a.yaml");
        ObjectMapper json = new ObjectMapper();

        assertThat(spec.scenarios()).isEmpty();
        assertThat(spec.quantize())
                .containsExactly(new QuantizeSpec(
                        "int4",
                        "post-training",
                        "minmax",
                        null,
                        64,
                        "int4",
                        "uint16",
                        "htp",
                        "blockwise",
                        64,
                        "mse",
                        99.9,
                        true,
                        true,
                        0.5,
                        new QuantizeSpec.Rounding("block-reconstruction", 20, true, 10),
                        true,
                        32,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        20.0,
                        null));
        assertThat(json.readValue(json.writeValueAsString(spec), Spec.class)).isEqualTo(spec);
    }

    @Test
    void trainingHasItsOwnDefaults() {
        QuantizeSpec way = Specs.parse(SMALLEST + "quantize: {method: qat, weights: int4}\n", "a.yaml")
                .quantize()
                .getFirst();

        assertThat(way.trains()).isTrue();
        assertThat(way.epochs()).isEqualTo(3);
        assertThat(way.learningRate()).isEqualTo(3e-3);
        assertThat(way.calibration()).isEqualTo("mse");
        assertThat(way.weightCalibration()).isEqualTo("mse");
        assertThat(Specs.parse(SMALLEST + "quantize: {method: relaxed, weights: int4}\n", "a.yaml")
                        .quantize()
                        .getFirst()
                        .learningRate())
                .isEqualTo(1e-3);
    }

    @Test
    void whatTrainsNothingIsWrittenAsBefore() throws IOException {
        String way = new ObjectMapper().writeValueAsString(QuantizeSpec.defaults());

        assertThat(way).doesNotContain("epochs", "learningRate", "minSqnr", "candidates");
        assertThat(new ObjectMapper().writeValueAsString(Specs.parse(SMALLEST, "a.yaml")))
                .doesNotContain("compress", "\"tune\"");
    }

    @Test
    void filesOfTargetsAreRead() throws IOException {
        Files.writeString(folder.resolve("reference.onnx"), "");
        Files.writeString(folder.resolve("npu.json"), "{\"defaults\": {}}");
        Path spec = Files.writeString(folder.resolve("a.yaml"), SMALLEST + "quantize: {target: npu.json}\n");
        Path wrong = Files.writeString(folder.resolve("b.yaml"), SMALLEST + "quantize: {target: tpu.json}\n");

        assertThat(Specs.read(spec).quantize().getFirst().target()).isEqualTo("{\"defaults\": {}}");
        assertThatThrownBy(() -> Specs.read(wrong))
                .isInstanceOf(BadInputException.class)
                .hasMessageContainingAll("b.yaml:6: target: ", "tpu.json cannot be read; give the path of a JSON file");
    }

    @Test
    void everythingCanBeSaid() {
        Spec spec = Specs.parse("""
                limbeck: v1
                name: full
                reference: reference.onnx
                task: {type: classification, data: fashion-mnist}
                space:
                  blocks: [{from: a, to: b}, {from: b, to: c}]
                  vary: {kernel: [7], expansion: [6], depth: [3], width: [0.5, 1], activation: [silu], attention: [se], layer: [grouped, plain]}
                library: {epochs: 0.5, images: 1000}
                scenarios:
                  - {name: a, device: phone, precision: int8, threads: 4, batch: 8, imageSize: [480, 640], tune: true, limits: {latency: 500 us, macs: 1000000, parameters: 5000}}
                compress: {scheme: channel-pruning, ratio: 40%, selection: greedy, channels: magnitude, multiple: 8, images: 500, epochs: 0, learningRate: 0.002}
                goals: {accuracyDrop: 0.5%, speedup: 1.2x, latency: 500 us, size: 1.5 MB}
                seed: -3
                """, "a.yaml");

        assertThat(spec.space().blocks()).containsExactly(new Spec.BlockCut("a", "b"), new Spec.BlockCut("b", "c"));
        assertThat(spec.space().vary().width()).containsExactly(0.5, 1.0);
        assertThat(spec.library().epochs()).isEqualTo(0.5);
        assertThat(spec.scenarios().getFirst())
                .isEqualTo(new Spec.Scenario(
                        "a",
                        "phone",
                        Spec.Precision.INT8,
                        4,
                        8,
                        new Spec.ImageSize(480, 640),
                        new Spec.Limits(0.5, 1_000_000L, 5_000L),
                        true));
        assertThat(spec.compress())
                .isEqualTo(new Spec.Compress("channel-pruning", 0.4, "greedy", "magnitude", 8, 500, 0.0, 2e-3, null));
        assertThat(spec.goals()).isEqualTo(new Spec.Goals(0.005, 1.2, 0.5, 1_500_000L));
        assertThat(spec.seed()).isEqualTo(-3);
    }

    @ParameterizedTest
    @CsvSource({"1%, 0.01", "0.01, 0.01", "' 1 % ', 0.01", ".5%, 0.005", "0, 0", "2.3%, 0.023", "'0.07', 0.07"})
    void percentagesAreFractions(String written, double fraction) {
        assertThat(Specs.parse(SMALLEST + "goals: {accuracyDrop: '%s'}\n".formatted(written), "a.yaml")
                        .goals()
                        .accuracyDrop())
                .isEqualTo(fraction);
    }

    @ParameterizedTest
    @CsvSource({"0.5 ms, 0.5", "0.5, 0.5", "500us, 0.5", "0.3 µs, 0.0003", "2 s, 2000", "1ms, 1"})
    void timesAreMilliseconds(String written, double millis) {
        String spec = SMALLEST.replace("{name: float}", "{name: float, limits: {latency: %s}}".formatted(written));
        assertThat(Specs.parse(spec, "a.yaml").scenarios().getFirst().limits().latency())
                .isEqualTo(millis);
    }

    @Test
    void oneNumberIsTheSideOfSquareImages() {
        String spec = SMALLEST.replace("{name: float}", "{name: float, imageSize: 56}");

        assertThat(Specs.parse(spec, "a.yaml").scenarios().getFirst().imageSize())
                .isEqualTo(new Spec.ImageSize(56, 56));
    }

    @ParameterizedTest
    @CsvSource({
        "0, '0, but must be '",
        "large, '''large'', but must be '",
        "'[1, 2, 3]', '[1, 2, 3], but must be a list of 2, each entry '"
    })
    void anImageSizeIsOneNumberOrTwo(String written, String answer) {
        String spec = SMALLEST.replace("{name: float}", "{name: float, imageSize: %s}".formatted(written));

        assertThatThrownBy(() -> Specs.parse(spec, "a.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessage("a.yaml:5: scenarios[0].imageSize is " + answer
                        + "a whole number at least 1 and at most 65536");
    }

    @Test
    void travelsAsJson() throws IOException {
        Spec spec = Specs.parse(
                SMALLEST.replace("float}", "float, imageSize: 56}")
                        + "space: {blocks: [{from: a, to: b}]}\ngoals: {accuracyDrop: 1%}\n",
                "a");
        ObjectMapper json = new ObjectMapper();

        assertThat(json.readValue(json.writeValueAsString(spec), Spec.class)).isEqualTo(spec);
    }

    @Test
    void theDigestSaysWhatIsAskedForAndNotHowItIsWritten() {
        Spec spec = Specs.parse(SMALLEST, "a.yaml");

        assertThat(spec.digest())
                .matches("[0-9a-f]{64}")
                .isEqualTo(spec.withReference("/elsewhere/reference.onnx").digest())
                .isEqualTo(Specs.parse("# a comment\n\nseed: 1\nspace: {blocks: auto}\n" + SMALLEST, "b.yaml")
                        .digest())
                .isNotEqualTo(Specs.parse(SMALLEST + "seed: 2\n", "a.yaml").digest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uFEFF", "\r\n# written on Windows\r\n"})
    void marksOfOtherSystemsDoNoHarm(String before) {
        assertThat(Specs.parse(before + SMALLEST, "a.yaml").name()).isEqualTo("small");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            serach: {population: 4}               | 6: unknown key 'serach'; did you mean 'search'?
            "search:\n  populaton: 4"             | 7: unknown key 'populaton'; did you mean 'population'?
            search: {colour: 4}                   | 6: unknown key 'colour'; known keys here: population, generations
            a/b: 4                                | 6: unknown key 'a/b'; known keys here: limbeck, name
            quantize: {weights: int9}             | 6: quantize.weights is 'int9', but must be one of int2, int3
            quantize: {rounding: {method: ada}}   | 6: quantize.rounding.method is 'ada', but must be one of nearest, adaround
            quantize: {roundng: {}}               | 6: unknown key 'roundng'; did you mean 'rounding'?
            quantize: {method: auto, equalize: true} | 6: equalize is given beside method: auto, which chooses the steps itself
            quantize: {method: auto, minSqnr: 20} | 6: minSqnr is given beside method: auto, which chooses the steps itself
            quantize: {images: 0, minSqnr: 20}    | 6: minSqnr needs images
            quantize: {minSqnr: 0}                | 6: quantize.minSqnr is 0, but must be a number above 0
            quantize: {method: qat, minSqnr: 20}  | 6: minSqnr is given beside method: qat, which trains weights
            quantize: {mixed: [4, 8], minSqnr: 20} | 6: minSqnr is given beside mixed, which chooses formats itself
            quantize: {rounding: {candidates: 5}} | 6: rounding.candidates is of no use without rounding.seqMse: true
            quantize: {method: auto, images: 0} | 6: method: auto needs images
            quantize: {epochs: 2} | 6: epochs is of no use to what does not train; give method: qat, or leave it out
            quantize: {method: bayesian-bits} | 6: method: bayesian-bits needs strength
            quantize: {method: qat, strength: 0.1} | 6: strength is of no use without method: bayesian-bits
            quantize: {method: qat, rounding: {method: adaround}} | 6: rounding is given beside method: qat, which trains weights
            quantize: {method: qat, granularity: blockwise} | 6: method: qat has no scales for blocks
            compress: {ratio: 0.5} | 6: compress.scheme is missing
            compress: {scheme: svd} | 6: compress.scheme is 'svd', but must be one of spatial-svd, weight-svd, channel-pruning
            "compress: {scheme: spatial-svd}\nquantize: {name: spatial-svd}" | 7: a way to quantize is called 'spatial-svd' as the
            quantize: {method: qat, images: 0} | 6: method: qat needs images
            quantize: {mixed: [4, 8], weights: int4} | 6: weights is given beside mixed, which chooses formats itself
            quantize: {mixed: [4, 8], method: auto} | 6: method: auto tries methods itself and mixed takes those that are given
            compress: {scheme: spatial-svd, cost: time} | 6: compress.cost is 'time', but must be
            quantize: {mixed: [4, 8], method: bayesian-bits, strength: 0.1} | 6: method: bayesian-bits learns the bits
            quantize: {mixed: [4, 8], images: 0}  | 6: mixed needs images
            quantize: {budget: 0.5}               | 6: budget is of no use without mixed
            quantize: {mixed: [4, 8], budget: 0.5, goal: 1%} | 6: goal is given beside budget
            quantize: {mixed: [8, float], budget: 0.4 ms} | 6: budget: a latency needs job: quantize
            "job: quantize\nquantize: {mixed: [4, 8], budget: 0.4 ms}" | 7: budget: a latency needs float among mixed
            "job: quantize\nquantize: {mixed: [8, float], budget: 0 ms}" | 7: budget is '0 ms', but must be above 0
            quantize: {mixed: [4, 8], budget: little} | 6: quantize.budget is 'little', but must be a share of the 8-bit network's
            quantize: {mixed: [4, 8], budget: 0%} | 6: budget is '0%', but must be above 0
            quantize: {mixed: [1, 8]}             | 6: quantize.mixed[0] is 1, but must be
            "quantize:\n  - {}\n  - {name: b}"    | 8: quantize has several ways, which only a spec with job: quantize can have
            "job: quantize\nquantize:\n  - {}\n  - {weights: int8}" | 9: a way to quantize is called 'int8' already in line 8
            "job: quantize\nquantize:\n  - {mixed: [4, 8]}\n  - {name: mixed}" | 9: a way to quantize is called 'mixed' already in line 8
            "job: quantize\nquantize:\n  - {mixed: [4, 8]}\n  - {mixed: [2, 8]}" | 9: a way to quantize is called 'mixed' already in line 8
            quantize: {calibration: minmx}        | 6: quantize.calibration is 'minmx', but must be one of minmax, percentile, sqnr, mse, entropy
            space: {vary: {activation: [swish]}}  | 6: space.vary.activation[0] is 'swish', but must be one of relu, relu6, hardswish, silu
            space: {vary: {kernel: 3}}            | 6: space.vary.kernel is 3, but must be a list without repetitions, not empty, each entry one of 1, 3
            space: {vary: {kernel: [3, 3]}}       | 6: space.vary.kernel is [3, 3], but must be a list without repetitions
            space: {blocks: manual}               | 6: space.blocks is 'manual', but must be auto, or a list of blocks
            space: {blocks: [{from: a}]}          | 6: space.blocks[0].to is missing; it must be the name of a tensor
            "search:\n  population: many"         | 7: search.population is 'many', but must be a whole number at least 2
            search: {population: 1.5}             | 6: search.population is 1.5, but must be a whole number at least 2
            search:                               | 6: search is empty, but must be a mapping with some of the keys population, generations
            search: true                          | 6: search is true, but must be a mapping
            library: {epochs: 0}                  | 6: library.epochs is 0, but must be a number above 0
            goals: {accuracyDrop: 1}              | 6: goals.accuracyDrop is 1, but must be a percentage, or a fraction below 1, such as 1%
            goals: {accuracyDrop: lots}           | 6: goals.accuracyDrop is 'lots', but must be a percentage
            goals: {accuracyDrop: 150%}           | 6: accuracyDrop is '150%', but must be below 100%
            goals: {size: 3 apples}               | 6: goals.size is '3 apples', but must be a size in B, kB, MB, KiB or MiB, such as 500 KiB
            goals: {size: 0 KiB}                  | 6: size is '0 KiB', but must be 1 B at least
            goals: {latency: -3 ms}               | 6: goals.latency is '-3 ms', but must be a time in us, ms or s
            goals: {speedup: 0x}                  | 6: speedup is '0x', but must be above 0
            goals: {speedup: .nan}                | 6: .nan is no number that can be used; give a finite one
            seed: 99999999999999999999            | 6: seed is 99999999999999999999, but must be a whole number
            "seed: 1\nseed: 2"                    | 7: 'seed' stands here and in line 6; keep one
            "search:\n\tpopulation: 4"            | 7: a tab, which YAML does not allow here; indent with spaces
            seed: a: b                            | 6: a ':' where none may stand
            "---\nname: b"                        | 6: a second document begins here; write one spec a file
            "search: &a {population: *a}"         | 6: an alias to the value that it stands in; write the value out
            "[a, b]: 1"                           | 6: a list or mapping as a key; keys are words
            """)
    void aMistakeIsNamedWithItsLineAndItsMend(String added, String message) {
        String spec = SMALLEST + added.replace("\\n", "\n").replace("\\t", "\t") + "\n";

        assertThatThrownBy(() -> Specs.parse(spec, "a.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("a.yaml:" + message);
    }

    @Test
    void allMistakesAreNamedInTheOrderOfTheirLines() {
        assertThatThrownBy(() -> Specs.parse("""
                        limbeck: v2
                        name: A Name
                        task: {type: classification, data: fashion-mnist}
                        scenarios:
                          - {name: a, precision: int4}
                        """, "a.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessage("""
                        a.yaml:1: limbeck is 'v2', but must be v1, the version of this format
                        a.yaml:1: reference is missing; it must be the path of the trained network (ONNX), relative to the spec, such as reference.onnx
                        a.yaml:2: name is 'A Name', but must be lower-case letters, digits and hyphens, 60 at most, such as laptop-int8
                        a.yaml:5: scenarios[0].precision is 'int4', but must be one of fp32, int8""");
    }

    @Test
    void scenariosHaveNamesOfTheirOwn() {
        String spec = SMALLEST.replace("[{name: float}]", "\n  - {name: a}\n  - {name: b}\n  - {name: a}");

        assertThatThrownBy(() -> Specs.parse(spec, "a.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessage("a.yaml:8: a scenario is called 'a' already in line 6; give each its own name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# only a comment\n", "---\n"})
    void anEmptyFileIsNamed(String text) {
        assertThatThrownBy(() -> Specs.parse(text, "a.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessageMatching("a.yaml:[12]: (the spec )?is empty.*");
    }

    @Test
    void hostileFilesEndInAMessageToo() {
        StringBuilder aliases = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++) {
            aliases.append(
                    "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d]\n".formatted(i, i, i - 1, i - 1, i - 1, i - 1, i - 1));
        }
        assertThatThrownBy(() -> Specs.parse(aliases.toString(), "a.yaml")).isInstanceOf(BadInputException.class);
        assertThatThrownBy(() -> Specs.parse("[".repeat(100_000), "a.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("levels");
    }

    @Test
    void theReferenceLiesBesideTheSpec() throws IOException {
        Path reference = Files.createFile(folder.resolve("reference.onnx"));

        assertThat(Specs.read(file(SMALLEST)).reference()).isEqualTo(reference.toString());
    }

    @Test
    void dataMayLieBesideTheSpec() throws IOException {
        Files.createFile(folder.resolve("reference.onnx"));
        Path images = Files.createDirectory(folder.resolve("images"));

        assertThat(Specs.read(file(SMALLEST)).task().data()).isEqualTo("fashion-mnist");
        assertThat(Specs.read(file(SMALLEST.replace("fashion-mnist", "images")))
                        .task()
                        .data())
                .isEqualTo(images.toString());
    }

    @Test
    void whatCanBeNoPathIsNamed() throws IOException {
        Path spec = file(SMALLEST.replace("reference.onnx", "\"a\\0b\""));

        assertThatThrownBy(() -> Specs.read(spec))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith(spec + ":3: ")
                .hasMessageContaining("can be no path");
    }

    @Test
    void aMissingReferenceIsNamedWithTheLineThatAsksForIt() throws IOException {
        Path spec = file(SMALLEST);

        assertThatThrownBy(() -> Specs.read(spec))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith(spec + ":3: reference: " + folder.resolve("reference.onnx") + ": no such file");
    }

    @Test
    void filesThatAreNoSpecsAreNamed() throws IOException {
        Path latin = Files.write(folder.resolve("latin.yaml"), "name: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
        Path large = Files.write(folder.resolve("large.yaml"), new byte[2 << 20]);

        assertThatThrownBy(() -> Specs.read(folder.resolve("none.yaml"))).hasMessageContaining("no such file");
        assertThatThrownBy(() -> Specs.read(folder)).hasMessageContaining("is no file");
        assertThatThrownBy(() -> Specs.read(latin)).hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> Specs.read(large)).hasMessageContaining("1 MiB");
    }

    @Test
    void aSpecReadsNothingOutsideItsFolder(@TempDir Path elsewhere) throws IOException {
        Path secret = Files.writeString(elsewhere.resolve("secret.json"), "{}");
        Files.createFile(folder.resolve("reference.onnx"));
        Files.createSymbolicLink(folder.resolve("link.json"), secret);
        Files.createSymbolicLink(folder.resolve("linked"), elsewhere);
        String up = folder.relativize(secret).toString();
        for (String path : List.of(secret.toString(), up, "linked/secret.json", "link.json", "a/../" + up)) {
            for (String text : List.of(
                    SMALLEST.replace("reference.onnx", path),
                    SMALLEST.replace("fashion-mnist", path),
                    SMALLEST + "quantize: {target: " + path + "}\n")) {
                Path spec = file(text);
                assertThatThrownBy(() -> Specs.read(spec))
                        .as(text)
                        .isInstanceOf(BadInputException.class)
                        .hasMessageStartingWith(spec + ":")
                        .hasMessageContainingAll(path, "outside the spec's folder", "--allow ");
                assertThat(Specs.read(spec, List.of(elsewhere))).isNotNull();
            }
        }
        assertThatThrownBy(() -> Specs.read(file(SMALLEST.replace("fashion-mnist", "../absent"))))
                .hasMessageContaining("outside the spec's folder");
        assertThatThrownBy(() -> Specs.read(file(SMALLEST), List.of(secret)))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("is no folder");
    }

    @Test
    void symbolicLinksAmongTheDataLeadNowhereElse(@TempDir Path elsewhere) throws IOException {
        Path secret = Files.createFile(elsewhere.resolve("secret.png"));
        Files.createFile(folder.resolve("reference.onnx"));
        Path images = Files.createDirectories(folder.resolve("images/shirt"));
        Files.createSymbolicLink(images.resolve("a.png"), Files.createFile(folder.resolve("images/b.png")));
        Path spec = file(SMALLEST.replace("fashion-mnist", "images"));
        assertThat(Specs.read(spec).task().data()).isEqualTo(images.getParent().toString());

        Files.createSymbolicLink(images.resolve("c.png"), secret);
        assertThatThrownBy(() -> Specs.read(spec))
                .isInstanceOf(BadInputException.class)
                .hasMessageContainingAll(spec + ":4: task.data: the symbolic link", "c.png", "--allow " + images);
        assertThat(Specs.read(spec, List.of(elsewhere))).isNotNull();

        Files.createFile(folder.resolve("train-images-idx3-ubyte"));
        Files.createSymbolicLink(folder.resolve("train-labels-idx1-ubyte"), secret);
        assertThatThrownBy(() -> Specs.read(file(SMALLEST.replace("fashion-mnist", "train-images-idx3-ubyte"))))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("train-labels-idx1-ubyte");
    }

    @Test
    void dataThatOnlyWorkersHaveLieInAnAllowedFolder() throws IOException {
        Files.createFile(folder.resolve("reference.onnx"));
        Path spec = file(SMALLEST.replace("fashion-mnist", "/absent/data/images"));

        assertThat(Specs.read(spec, List.of(Path.of("/absent/data"))).task().data())
                .isEqualTo("/absent/data/images");
        assertThatThrownBy(() -> Specs.read(spec, List.of(Path.of("/absent/dat"))))
                .hasMessageContaining("outside the spec's folder");
    }

    /** Folders and files are called after them. */
    @Test
    void namesAreNoPaths() {
        for (String name : List.of("../up", "/root", "a/b", "..", "a\\b")) {
            for (String text : List.of(
                    SMALLEST.replace("name: small", "name: " + name),
                    SMALLEST.replace("{name: float}", "{name: " + name + "}"),
                    SMALLEST + "job: quantize\nquantize: [{name: " + name + "}]\n")) {
                assertThat(text).contains(name);
                assertThatThrownBy(() -> Specs.parse(text, "a.yaml"))
                        .as(text)
                        .isInstanceOf(BadInputException.class)
                        .hasMessageContaining("lower-case letters");
            }
        }
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("spec.yaml"), text);
    }
}
