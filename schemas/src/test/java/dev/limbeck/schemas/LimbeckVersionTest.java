package dev.limbeck.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LimbeckVersionTest {

    @Test
    void theBuildWroteItsVersionDown() {
        assertThat(LimbeckVersion.current().version()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
        assertThat(LimbeckVersion.current().commit()).isNotEqualTo("${limbeck.commit}");
    }
}
