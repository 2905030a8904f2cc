package dev.limbeck.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecsTest {

    private static final String GOOD = """
            limbeck: v1
            name: quick
            reference: reference.onnx
            task: {type: classification, data: fashion-mnist}
            scenarios:
              - {name: float, precision: fp32}
              - {name: int8, precision: int8, limits: {latency: 0.5 ms}}
            goals: {accuracyDrop: 1%, speedup: 1.2}
            """;

    @Test
    void readsUnitsAndFillsDefaultsIn() {
        Spec spec = Specs.parse(GOOD, "spec.yaml");
        assertThat(spec.scenarios().get(1).limits().latency()).isEqualTo(0.5);
        assertThat(spec.scenarios().get(1).precision()).isEqualTo(Spec.Precision.INT8);
        assertThat(spec.scenarios().getFirst().device()).isEqualTo("local");
        assertThat(spec.goals().accuracyDrop()).isEqualTo(0.01);
        assertThat(spec.search()).isEqualTo(new Spec.Search(48, 20));
        assertThat(spec.seed()).isEqualTo(1);
    }

    @Test
    void readsTheExample() {
        Spec spec = Specs.read(Path.of("..", "examples", "fashion-mnist", "quick.yaml"));
        assertThat(Path.of(spec.reference())).exists();
        assertThat(spec.scenarios()).hasSize(2);
    }

    /** What is put in place of what, and what the message must say. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "goals: | gaols: | spec.yaml:8 | did you mean 'goals'?",
                "precision: int8 | precision: int4 | spec.yaml:7 | int8",
                "precision: int8 | precison: int8 | spec.yaml:7 | did you mean 'precision'?",
                "name: int8 | name: float | spec.yaml:5 | two scenarios are called 'float'",
                "0.5 ms | 0.5 km | spec.yaml:7 | a time such as 0.5 ms",
                "1% | lots | spec.yaml:8 | a percentage such as 1%",
                "data: fashion-mnist | data: imagenet | spec.yaml:4 | fashion-mnist",
                "limbeck: v1 | limbeck: v9 | spec.yaml:1 | v1",
                "name: quick | reference: b.onnx | spec.yaml:3 | duplicate key reference",
                "task: | # | spec.yaml:1 | 'task' is missing"
            })
    void saysWhereWhatIsWrongAndWhatIsRight(String good, String bad, String place, String mend) {
        assertThat(GOOD).contains(good);
        assertThatThrownBy(() -> Specs.parse(GOOD.replaceFirst(good, bad), "spec.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(place)
                .hasMessageContaining(mend);
    }

    @Test
    void refusesTabsEmptyTextAndMissingFiles() {
        assertThatThrownBy(() -> Specs.parse("limbeck:\n\t- v1", "spec.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("spec.yaml:2");
        assertThatThrownBy(() -> Specs.parse("", "spec.yaml"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("is empty");
        assertThatThrownBy(() -> Specs.read(Path.of("absent.yaml")))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("absent.yaml: no such file");
    }
}
