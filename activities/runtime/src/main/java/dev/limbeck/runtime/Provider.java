package dev.limbeck.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Whose kernels run a graph. What a provider does not know, ONNX Runtime's own kernels run. */
public enum Provider {
    /** ONNX Runtime's own. */
    CPU(OrtProvider.CPU, (settings, threads) -> {}),
    /** XNNPACK, which has threads of its own. */
    XNNPACK(
            OrtProvider.XNNPACK,
            (settings, threads) -> settings.addXnnpack(Map.of("intra_op_num_threads", String.valueOf(threads)))),
    /** Intel's oneDNN. */
    DNNL(OrtProvider.DNNL, (settings, threads) -> settings.addDnnl(true)),
    /** Apple's Core ML. */
    CORE_ML(OrtProvider.CORE_ML, (settings, threads) -> settings.addCoreML()),
    /** The first GPU of NVIDIA's. */
    CUDA(OrtProvider.CUDA, (settings, threads) -> settings.addCUDA());

    private final OrtProvider name;
    private final Registration registration;

    Provider(OrtProvider name, Registration registration) {
        this.name = name;
        this.registration = registration;
    }

    @FunctionalInterface
    private interface Registration {
        void add(OrtSession.SessionOptions settings, int threads) throws OrtException;
    }

    /** Those that the ONNX Runtime on the class path was built with. */
    public static List<Provider> available() {
        NativeLibrary.environment(); // loads the native library
        return Arrays.stream(values())
                .filter(provider -> OrtEnvironment.getAvailableProviders().contains(provider.name))
                .toList();
    }

    void addTo(OrtSession.SessionOptions settings, int threads) throws OrtException {
        registration.add(settings, threads);
    }
}
