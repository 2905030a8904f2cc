package dev.limbeck.cli;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.Samples;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Says how good a quantized network is on data: its accuracy, where there are labels, and how close its output is to the float network's. */
final class Judge {

    private final Samples data;
    private final int threads;
    private final FloatTensor expected;

    Judge(Graph network, Samples data, int threads) {
        this.data = data;
        this.threads = threads;
        this.expected = Evaluation.logits(network, data, threads);
    }

    /**
     * @param accuracy empty without labels
     * @param sqnr of the output against that of the float network, in decibels; infinite where both are the same
     */
    record Score(Optional<Double> accuracy, double sqnr) {

        void putInto(Map<String, Object> answer) {
            accuracy.ifPresent(value -> answer.put("accuracy", value));
            if (Double.isFinite(sqnr)) {
                answer.put("outputSqnrDb", sqnr);
            }
        }

        String describe() {
            return accuracy.map(value -> "accuracy %.2f %%, ".formatted(100 * value))
                            .orElse("")
                    + "output SQNR %.1f dB".formatted(sqnr);
        }
    }

    /** Of the float network. */
    Optional<Double> floatAccuracy() {
        return accuracy(expected);
    }

    Score score(Graph network) {
        FloatTensor actual = Evaluation.logits(network, data, threads);
        return new Score(accuracy(actual), Evaluation.sqnr(expected, actual));
    }

    private Optional<Double> accuracy(FloatTensor logits) {
        return data.isLabelled() ? Optional.of(Evaluation.accuracy(logits, data.labels())) : Optional.empty();
    }

    /** One method and what it brought. */
    static Map<String, Object> describe(String method, Optional<Double> accuracyBefore, Score score) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("method", method);
        accuracyBefore.ifPresent(accuracy -> answer.put("accuracyBefore", accuracy));
        score.putInto(answer);
        return answer;
    }
}
