package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberFormatTest {

    @ParameterizedTest
    @ValueSource(strings = {"int8", "int2", "uint16", "float16", "float32"})
    void formatsAreReadAsTheyAreWritten(String name) {
        assertThat(NumberFormat.parse(name)).hasToString(name);
    }

    @Test
    void signedOnesAreSymmetric() {
        assertThat(NumberFormat.parse("INT4")).isEqualTo(NumberFormat.integer(4, Symmetry.SYMMETRIC));
        assertThat(NumberFormat.parse("uint8")).isEqualTo(NumberFormat.integer(8, Symmetry.ASYMMETRIC));
        assertThat(NumberFormat.parse("float32")).isEqualTo(NumberFormat.FLOAT32);
    }

    @ParameterizedTest
    @ValueSource(strings = {"int1", "int17", "float8", "bfloat16", "8", ""})
    void othersAreRefused(String name) {
        assertThatThrownBy(() -> NumberFormat.parse(name)).isInstanceOf(BadInputException.class);
    }
}
