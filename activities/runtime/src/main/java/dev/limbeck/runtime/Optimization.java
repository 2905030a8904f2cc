package dev.limbeck.runtime;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;

/** How far ONNX Runtime may rewrite a graph before it runs it. */
public enum Optimization {
    /** As it stands in the file: what an oracle needs. */
    NONE(OptLevel.NO_OPT),
    /** Constants folded, redundant nodes dropped; still portable operators. */
    BASIC(OptLevel.BASIC_OPT),
    /** Nodes fused besides; tensors keep the layout of the file. */
    EXTENDED(OptLevel.EXTENDED_OPT),
    /** Everything, with fused and integer kernels for this machine: what a device runs. */
    ALL(OptLevel.ALL_OPT);

    private final OptLevel level;

    Optimization(OptLevel level) {
        this.level = level;
    }

    OptLevel level() {
        return level;
    }
}
