package dev.limbeck.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.graph.FloatTensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sentences as BERT's token ids, padded to the longest. */
final class Sentences {

    private static final List<String> TEXTS = List.of(
            "The quick brown fox jumps over the lazy dog.",
            "Distilled networks run on small devices.",
            "How far is it from the station to the harbour?",
            "Invoices are due within thirty days.",
            "She opened the window, and the cold air of the morning filled the room.",
            "Quantization maps real numbers to a small set of integers.",
            "He did not answer.",
            "The committee will meet again on Thursday to discuss the budget for the coming year.",
            "Rain is expected in the north.",
            "A good recipe needs butter, flour, sugar and patience.",
            "Temperatures fell below zero during the night.",
            "Please keep this side up.");

    private Sentences() {}

    static Map<String, FloatTensor> inputs() {
        JsonNode vocabulary = vocabulary();
        List<List<Integer>> sentences =
                TEXTS.stream().map(text -> tokens(text, vocabulary)).toList();
        int length = sentences.stream().mapToInt(List::size).max().orElseThrow();
        float[] ids = new float[sentences.size() * length];
        float[] mask = new float[ids.length];
        for (int i = 0; i < sentences.size(); i++) {
            for (int j = 0; j < sentences.get(i).size(); j++) {
                ids[i * length + j] = sentences.get(i).get(j);
                mask[i * length + j] = 1;
            }
        }
        long[] shape = {sentences.size(), length};
        return Map.of(
                "input_ids", new FloatTensor(ids, shape),
                "attention_mask", new FloatTensor(mask, shape),
                "token_type_ids", new FloatTensor(new float[ids.length], shape));
    }

    private static JsonNode vocabulary() {
        try (InputStream in = ThirdPartyNetwork.open("/all-minilm-l6-v2-tokenizer.json")) {
            return new ObjectMapper().readTree(in).at("/model/vocab");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Integer> tokens(String text, JsonNode vocabulary) {
        List<Integer> tokens = new ArrayList<>();
        tokens.add(vocabulary.get("[CLS]").intValue());
        for (String word : text.toLowerCase(Locale.ROOT).split("\\s+|(?=\\p{Punct})")) {
            addPieces(word, vocabulary, tokens);
        }
        tokens.add(vocabulary.get("[SEP]").intValue());
        return tokens;
    }

    /** WordPiece: the longest known piece first (Wu et al. 2016). */
    private static void addPieces(String word, JsonNode vocabulary, List<Integer> tokens) {
        int from = 0;
        while (from < word.length()) {
            int to = word.length();
            while (!vocabulary.has(piece(word, from, to))) {
                to--;
            }
            tokens.add(vocabulary.get(piece(word, from, to)).intValue());
            from = to;
        }
    }

    private static String piece(String word, int from, int to) {
        return (from == 0 ? "" : "##") + word.substring(from, to);
    }
}
