package dev.limbeck.graph;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime, as the judge of what a graph computes. */
final class Oracle {

    private Oracle() {}

    /** All outputs by name, for one input. */
    static Map<String, FloatTensor> run(Graph graph, FloatTensor input) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(graph.toBytes(), new OrtSession.SessionOptions());
                OnnxTensor fed = OnnxTensor.createTensor(environment, FloatBuffer.wrap(input.data()), input.shape());
                OrtSession.Result result =
                        session.run(Map.of(session.getInputNames().iterator().next(), fed))) {
            Map<String, FloatTensor> outputs = new LinkedHashMap<>();
            for (String name : session.getOutputNames()) {
                OnnxTensor tensor = (OnnxTensor) result.get(name).orElseThrow();
                FloatBuffer buffer = tensor.getFloatBuffer();
                float[] data = new float[buffer.remaining()];
                buffer.get(data);
                outputs.put(name, new FloatTensor(data, tensor.getInfo().getShape()));
            }
            return outputs;
        } catch (OrtException e) {
            throw new AssertionError("ONNX Runtime refuses the graph", e);
        }
    }

    /** The graph with every node's output as an output. */
    static Graph exposed(Graph graph) {
        GraphEditor editor = graph.edit().clearOutputs();
        for (Node node : graph.nodes()) {
            editor.output(ValueInfo.unranked(node.output(0), ElementType.FLOAT));
        }
        return editor.build();
    }
}
