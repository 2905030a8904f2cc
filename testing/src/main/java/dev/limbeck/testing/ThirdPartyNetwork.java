package dev.limbeck.testing;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Networks that others trained and published on Maven Central, each with real inputs.
 *
 * <p>The readers of text are PaddleOCR's, exported by two versions of paddle2onnx; the embedding of sentences is
 * sentence-transformers' all-MiniLM-L6-v2, exported by PyTorch. All take any batch and size.
 */
public enum ThirdPartyNetwork {
    /** Finds text in an image: [n, 3, h, w] to a map [n, 1, h, w]. Batch norms are nodes of their own. */
    DETECTOR_V3("/models/ch_PP-OCRv3_det_infer.onnx", TextPage::regions),
    /** The next version, most of whose batch norms are folded. */
    DETECTOR_V4("/models/ch_PP-OCRv4_det_infer.onnx", TextPage::regions),
    /** Reads a line of text: [n, 3, 48, w] to probabilities [n, w / 8, characters]; a CNN with transformer blocks. */
    RECOGNISER_V3("/models/ch_PP-OCRv3_rec_infer.onnx", TextPage::lines),
    /** The next version, most of whose batch norms are folded. */
    RECOGNISER_V4("/models/ch_PP-OCRv4_rec_infer.onnx", TextPage::lines),
    /** Says whether a line stands upright: [n, 3, 48, 192] to [n, 2]. */
    CLASSIFIER("/models/ch_ppocr_mobile_v2.0_cls_infer.onnx", TextPage::words),
    /** A transformer over tokens: three inputs [n, tokens] of integers to [n, tokens, 384]. */
    SENTENCE_EMBEDDING("/all-minilm-l6-v2.onnx", Sentences::inputs);

    private final String resource;
    private final Supplier<Map<String, FloatTensor>> inputs;

    ThirdPartyNetwork(String resource, Supplier<Map<String, FloatTensor>> inputs) {
        this.resource = resource;
        this.inputs = inputs;
    }

    public Graph graph() {
        try (InputStream in = open(resource)) {
            return Graph.parse(in.readAllBytes(), resource);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Images of text, or tokens of sentences, by input name; the batch comes first. Integers are kept as floats. */
    public Map<String, FloatTensor> inputs() {
        return inputs.get();
    }

    /**
     * How far two outputs mean the same, 0 to 1: intersection over union of a detector's pixels of text, characters that a recogniser
     * reads, labels of the classifier, the least cosine of the embeddings of sentences.
     *
     * @param inputs that both outputs are of
     */
    public double agreement(Map<String, FloatTensor> inputs, FloatTensor expected, FloatTensor actual) {
        return switch (this) {
            case DETECTOR_V3, DETECTOR_V4 -> Agreement.ofRegions(expected, actual);
            case RECOGNISER_V3, RECOGNISER_V4 -> Agreement.ofTexts(expected, actual);
            case CLASSIFIER -> Agreement.ofLabels(expected, actual);
            case SENTENCE_EMBEDDING -> Agreement.ofSentences(expected, actual, inputs.get("attention_mask"));
        };
    }

    static InputStream open(String resource) {
        InputStream in = ThirdPartyNetwork.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException(resource + " is not on the class path");
        }
        return in;
    }
}
