package dev.limbeck.workers.gpu;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.workflows.RunRequest;

/** Quantizes what the run needs in integers: quickly for measuring, carefully for use. */
final class Quantization {

    private static final int IMAGES_FOR_LATENCY = 16;

    private final Workshop workshop;

    Quantization(Workshop workshop) {
        this.workshop = workshop;
    }

    /** A quantized network and what was done to it. */
    record Result(Graph graph, String made) {}

    /** A block that is only measured. @param inputs [items, ...] that it is calibrated on */
    Graph ofBlock(Graph block, FloatTensor inputs) {
        throw new UnsupportedOperationException();
    }

    /** A candidate that is only measured: kernels and latency do not depend on how well its ranges fit. */
    Graph forLatency(RunRequest run, Graph network) {
        throw new UnsupportedOperationException();
    }

    /** A network that is used, by the spec's method. @param floatAccuracy on the validation images */
    Result forUse(RunRequest run, Graph network, double floatAccuracy) {
        throw new UnsupportedOperationException();
    }
}
