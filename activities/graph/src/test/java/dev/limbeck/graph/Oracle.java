package dev.limbeck.graph;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Runs graphs in ONNX Runtime without its optimizations: what every edit and every inferred shape is compared with. */
final class Oracle {

    private Oracle() {}

    /** What came out under one name. */
    record Output(ElementType type, long[] shape, float[] floats) {}

    /** Runs on standard normal inputs. */
    static Map<String, Output> run(Graph graph, int batch, long seed) {
        Map<String, FloatTensor> inputs = new LinkedHashMap<>();
        Random random = new Random(seed);
        for (ValueInfo input : graph.inputs()) {
            inputs.put(input.name(), normal(random, input.withDynamic(batch).shape()));
        }
        return run(graph, inputs);
    }

    static FloatTensor normal(Random random, long... shape) {
        float[] data = new float[Math.toIntExact(TensorValue.elements(shape))];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return new FloatTensor(data, shape);
    }

    static Map<String, Output> run(Graph graph, Map<String, FloatTensor> inputs) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(graph.toBytes(), options)) {
                Map<String, OnnxTensor> fed = new LinkedHashMap<>();
                for (Map.Entry<String, FloatTensor> input : inputs.entrySet()) {
                    fed.put(
                            input.getKey(),
                            OnnxTensor.createTensor(
                                    environment,
                                    FloatBuffer.wrap(input.getValue().data()),
                                    input.getValue().shape()));
                }
                try (OrtSession.Result result = session.run(fed)) {
                    Map<String, Output> outputs = new LinkedHashMap<>();
                    for (Map.Entry<String, ai.onnxruntime.OnnxValue> entry : result) {
                        outputs.put(entry.getKey(), output((OnnxTensor) entry.getValue()));
                    }
                    return outputs;
                } finally {
                    fed.values().forEach(OnnxTensor::close);
                }
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static Output output(OnnxTensor tensor) {
        TensorInfo info = tensor.getInfo();
        float[] floats = new float[0];
        if (info.type == ai.onnxruntime.OnnxJavaType.FLOAT) {
            FloatBuffer buffer = tensor.getFloatBuffer();
            floats = new float[buffer.remaining()];
            buffer.get(floats);
        }
        return new Output(
                ElementType.valueOf(info.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "")),
                info.getShape(),
                floats);
    }

    /** The graph with every tensor that a node makes as an output, so that its real shape can be seen. */
    static Graph exposed(Graph graph) {
        GraphEditor editor = graph.edit().clearOutputs();
        Map<String, ValueInfo> infos = ShapeInference.infer(graph, ValueInfo.DYNAMIC);
        for (Node node : graph.nodes()) {
            node.outputs().stream().filter(o -> !o.isEmpty()).forEach(o -> editor.output(infos.get(o)));
        }
        return editor.build();
    }

    /** Largest absolute difference between the outputs of two graphs on the same input. */
    static float difference(Graph left, Graph right, int batch, long seed) {
        Map<String, Output> a = run(left, batch, seed);
        Map<String, Output> b = run(right, batch, seed);
        float largest = 0;
        for (String name : a.keySet()) {
            largest = Math.max(
                    largest, difference(a.get(name).floats(), b.get(name).floats()));
        }
        return largest;
    }

    static float difference(float[] left, float[] right) {
        if (left.length != right.length) {
            throw new IllegalArgumentException(left.length + " against " + right.length + " elements");
        }
        float largest = 0;
        for (int i = 0; i < left.length; i++) {
            float difference = Math.abs(left[i] - right[i]);
            largest = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(largest, difference);
        }
        return largest;
    }

    static List<String> tensors(Graph graph) {
        return graph.nodes().stream()
                .flatMap(n -> n.outputs().stream())
                .filter(o -> !o.isEmpty())
                .toList();
    }
}
