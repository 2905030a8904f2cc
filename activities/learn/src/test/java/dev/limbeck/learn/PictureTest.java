package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PictureTest {

    @Test
    void shrinkingLooksAtEveryPixel() {
        Picture ramp = new Picture(new byte[] {0, 70, (byte) 140, (byte) 210}, 1, 1, 4);
        // a triangle over 4 pixels: (0.75 * 0 + 0.75 * 70 + 0.25 * 140) / 1.75, as Pillow's BILINEAR
        assertThat(ramp.covering(1, 2).pixels()).containsExactly(70, (byte) 140);
        Picture rows = new Picture(new byte[16], 1, 4, 4);
        for (int i = 0; i < 16; i++) {
            rows.pixels()[i] = (byte) (i / 4 * 70);
        }
        assertThat(rows.covering(2, 2).pixels()).containsExactly(50, 50, (byte) 160, (byte) 160);
    }

    @Test
    void proportionsAreKept() {
        Picture wide = new Picture(new byte[] {9, 9, 1, 2, 9, 9, 9, 9, 3, 4, 9, 9}, 1, 2, 6);
        assertThat(wide.covering(2, 2).pixels()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void greyIsAWeightedSum() {
        Picture coloured = new Picture(new byte[] {100, (byte) 200, 50}, 3, 1, 1);
        assertThat(coloured.withChannels(1).pixels()).containsExactly((byte) 153); // 29.9 + 117.4 + 5.7
        assertThat(coloured.withChannels(1).withChannels(3).pixels())
                .containsExactly((byte) 153, (byte) 153, (byte) 153);
    }
}
