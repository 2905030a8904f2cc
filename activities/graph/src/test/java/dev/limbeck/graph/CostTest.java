package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CostTest {

    @Test
    void countsTheConvolutionalNetworkAsByHand() {
        // Per block: expand 8*16*64, depthwise 16*9*64, squeeze-and-excite 2*16*4, project 16*8*64.
        long block = 8 * 16 * 64 + 16 * 9 * 64 + 2 * 16 * 4 + 16 * 8 * 64;
        long stem = 8 * 27 * 64;
        // Weights, biases of squeeze-and-excitation and head, scale and shift of batch norms.
        long blockParameters = 8 * 16 + 16 * 9 + (16 * 4 + 4) + (4 * 16 + 16) + 16 * 8 + 2 * (16 + 16 + 8);
        long stemParameters = 8 * 27 + 16;

        assertThat(Cost.of(TestNetworks.convolutional(1)))
                .isEqualTo(new Cost(stem + 3 * block + 40, stemParameters + 3 * blockParameters + 45));
    }
}
