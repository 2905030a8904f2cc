package dev.limbeck.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.schemas.BadInputException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * A graph ready to run in ONNX Runtime. Safe to use from several threads; closing frees its native memory.
 */
public final class Session implements AutoCloseable {

    private final OrtEnvironment environment = NativeLibrary.environment();
    private final OrtSession session;
    private final String label;
    private final long fixedBatch;

    private Session(Graph graph, SessionOptions options, Path optimizedModel, Path profile) {
        label = graph.name();
        fixedBatch = graph.batch();
        try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
            settings.setIntraOpNumThreads(options.threads());
            settings.setInterOpNumThreads(options.branches());
            settings.setExecutionMode(options.branches() == 1 ? ExecutionMode.SEQUENTIAL : ExecutionMode.PARALLEL);
            settings.setCPUArenaAllocator(options.arena());
            settings.setMemoryPatternOptimization(options.memoryPattern());
            settings.setOptimizationLevel(options.optimization().level());
            settings.setSessionLogLevel(ai.onnxruntime.OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            for (Map.Entry<String, String> entry : options.config().entrySet()) {
                settings.addConfigEntry(entry.getKey(), entry.getValue());
            }
            options.provider().addTo(settings, options.threads());
            if (optimizedModel != null) {
                settings.setOptimizedModelFilePath(optimizedModel.toString());
            }
            if (profile != null) {
                settings.enableProfiling(profile.toString());
            }
            session = environment.createSession(graph.toBytes(), settings);
        } catch (OrtException e) {
            throw new BadInputException("ONNX Runtime cannot load network '" + label + "': " + reason(graph, e), e);
        }
    }

    /** ONNX Runtime says of an operator that it does not have neither the node nor what to do. */
    private static String reason(Graph graph, OrtException failure) {
        String said = String.valueOf(failure.getMessage());
        for (Node node : graph.nodes()) {
            int dot = node.op().lastIndexOf('.');
            String domain = node.op().substring(0, Math.max(0, dot));
            String op = node.op().substring(dot + 1);
            boolean missing = said.contains(domain + ":" + op + "(") && said.contains("is not a registered function/op")
                    || said.contains("No Op registered for " + op + " ");
            if (missing) {
                return "it has no operator '" + op + "' "
                        + (domain.isEmpty() ? "in operator set " + graph.opset() : "of the domain '" + domain + "'")
                        + ", which node '" + node.label()
                        + "' uses; export the model with that written in ONNX's own operators";
            }
        }
        return said;
    }

    /** @throws BadInputException if ONNX Runtime refuses the graph */
    public static Session open(Graph graph, SessionOptions options) {
        return new Session(graph, options, null, null);
    }

    /** Opens a session that also writes the optimized graph to a file. */
    static Session openWriting(Graph graph, SessionOptions options, Path optimizedModel) {
        return new Session(graph, options, optimizedModel, null);
    }

    /** Opens a session that times its nodes. @param prefix of the file that {@link #endProfiling} names */
    static Session openProfiling(Graph graph, SessionOptions options, Path prefix) {
        return new Session(graph, options, null, prefix);
    }

    /** @return the file with the times of all nodes so far */
    Path endProfiling() {
        try {
            return Path.of(session.endProfiling());
        } catch (OrtException e) {
            throw new IllegalStateException("the profile of network '" + label + "' cannot be written", e);
        }
    }

    /** Runs a network of one input and returns its first output. */
    public FloatTensor run(FloatTensor input) {
        String name = session.getInputNames().iterator().next();
        return run(Map.of(name, input)).values().iterator().next();
    }

    /**
     * @param inputs a tensor for every input of the graph, by name; converted where the graph takes integers; as many items as there are,
     *     also where the network takes a fixed number of them, as exporters write it: it runs as often as it takes then
     * @return every output, by name, in the graph's order; integers are converted to floats
     * @throws BadInputException if a name or a shape does not fit
     * @throws CancellationException if the thread was interrupted: whoever runs many batches is to stop between two of them
     */
    public Map<String, FloatTensor> run(Map<String, FloatTensor> inputs) {
        return FixedBatch.fits(fixedBatch, inputs)
                ? runOnce(inputs)
                : FixedBatch.run(label, Math.toIntExact(fixedBatch), new Items(inputs), this::runOnce);
    }

    private Map<String, FloatTensor> runOnce(Map<String, FloatTensor> inputs) {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("interrupted while network '" + label + "' was run");
        }
        try (Feed feed = Feed.of(environment, session, inputs);
                OrtSession.Result result = session.run(feed.tensors())) {
            Map<String, FloatTensor> outputs = new LinkedHashMap<>();
            for (Map.Entry<String, OnnxValue> entry : result) {
                outputs.put(entry.getKey(), floats((OnnxTensor) entry.getValue()));
            }
            return outputs;
        } catch (OrtException e) {
            throw new BadInputException("network '" + label + "' cannot run on this input: " + e.getMessage(), e);
        }
    }

    /** Keeps the inputs in native memory, so that repeated runs cost nothing but the network's own time. */
    public PreparedRun prepare(Map<String, FloatTensor> inputs) {
        try {
            return new PreparedRun(session, Feed.of(environment, session, inputs));
        } catch (OrtException e) {
            throw new BadInputException("network '" + label + "' cannot run on this input: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("closing network '" + label + "' failed", e);
        }
    }

    private static FloatTensor floats(OnnxTensor tensor) {
        long[] shape = tensor.getInfo().getShape();
        return switch (tensor.getInfo().type) {
            case FLOAT -> {
                FloatBuffer buffer = tensor.getFloatBuffer();
                float[] data = new float[buffer.remaining()];
                buffer.get(data);
                yield new FloatTensor(data, shape);
            }
            case INT8, UINT8, BOOL -> {
                ByteBuffer buffer = tensor.getByteBuffer();
                boolean signed = tensor.getInfo().type == ai.onnxruntime.OnnxJavaType.INT8;
                float[] data = new float[buffer.remaining()];
                for (int i = 0; i < data.length; i++) {
                    byte value = buffer.get(i);
                    data[i] = signed ? value : Byte.toUnsignedInt(value);
                }
                yield new FloatTensor(data, shape);
            }
            case INT64 -> {
                java.nio.LongBuffer buffer = tensor.getLongBuffer();
                float[] data = new float[buffer.remaining()];
                for (int i = 0; i < data.length; i++) {
                    data[i] = buffer.get(i);
                }
                yield new FloatTensor(data, shape);
            }
            case INT32 -> {
                java.nio.IntBuffer buffer = tensor.getIntBuffer();
                float[] data = new float[buffer.remaining()];
                for (int i = 0; i < data.length; i++) {
                    data[i] = buffer.get(i);
                }
                yield new FloatTensor(data, shape);
            }
            default -> throw new BadInputException("outputs of type " + tensor.getInfo().type + " are not supported");
        };
    }
}
