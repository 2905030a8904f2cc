package dev.limbeck.compress;

import java.util.Locale;

/** How a network is made smaller. */
public enum CompressScheme {
    /** A convolution becomes a vertical and a horizontal one (Jaderberg et al. 2014). */
    SPATIAL_SVD,
    /** A convolution or matrix product gets one of size 1 before it, to fewer channels. */
    WEIGHT_SVD,
    /** Channels are taken out, and the layers that read them fitted to what is left (He et al. 2017). */
    CHANNEL_PRUNING;

    /** As the command line has it, such as "spatial-svd". */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
        return text();
    }
}
