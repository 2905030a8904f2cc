package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Says how good a quantized network is on data: its accuracy, where there are labels, and how close its output is to the float network's. */
public final class Judge {

    private final Function<Graph, FloatTensor> run;
    private final int[] labels;
    private final FloatTensor expected;

    private Judge(Graph network, Function<Graph, FloatTensor> run, int[] labels) {
        this.run = run;
        this.labels = labels;
        this.expected = run.apply(network);
    }

    public static Judge on(Samples data, Graph network, int threads) {
        return new Judge(network, graph -> Evaluation.logits(graph, data, threads), data.labels());
    }

    /** On data without labels. */
    public static Judge on(Items items, Graph network, int threads) {
        SessionOptions session = SessionOptions.defaults().withThreads(threads);
        return new Judge(network, graph -> Inference.run(graph, items, 1, session), new int[0]);
    }

    /**
     * @param accuracy empty without labels
     * @param sqnr of the output against that of the float network, in decibels; infinite where both are the same
     */
    public record Score(Optional<Double> accuracy, double sqnr) {

        public void putInto(Map<String, Object> answer) {
            accuracy.ifPresent(value -> answer.put("accuracy", value));
            if (Double.isFinite(sqnr)) {
                answer.put("outputSqnrDb", sqnr);
            }
        }

        /** Such as "accuracy 93.10 %, output SQNR 31.2 dB". */
        public String describe() {
            return accuracy.map(value -> "accuracy %.2f %%, ".formatted(100 * value))
                            .orElse("")
                    + "output SQNR %.1f dB".formatted(sqnr);
        }
    }

    /** Of the float network. */
    public Optional<Double> floatAccuracy() {
        return accuracy(expected);
    }

    public Score score(Graph network) {
        FloatTensor actual = run.apply(network);
        return new Score(accuracy(actual), Evaluation.sqnr(expected, actual));
    }

    private Optional<Double> accuracy(FloatTensor logits) {
        return labels.length > 0 ? Optional.of(Evaluation.accuracy(logits, labels)) : Optional.empty();
    }

    /** One method and what it brought. */
    public static Map<String, Object> describe(String method, Optional<Double> accuracyBefore, Score score) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("method", method);
        accuracyBefore.ifPresent(accuracy -> answer.put("accuracyBefore", accuracy));
        score.putInto(answer);
        return answer;
    }
}
