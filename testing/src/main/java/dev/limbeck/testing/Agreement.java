package dev.limbeck.testing;

import dev.limbeck.graph.FloatTensor;
import java.util.ArrayList;
import java.util.List;

/** How far two outputs of a network mean the same, 0 to 1, whatever their numbers. */
final class Agreement {

    /** PaddleOCR's threshold of its map. */
    private static final float TEXT = 0.3f;

    private Agreement() {}

    /** Intersection over union of the pixels that are text. */
    static double ofRegions(FloatTensor expected, FloatTensor actual) {
        int both = 0;
        int any = 0;
        for (int i = 0; i < expected.data().length; i++) {
            boolean before = expected.data()[i] > TEXT;
            boolean after = actual.data()[i] > TEXT;
            both += before && after ? 1 : 0;
            any += before || after ? 1 : 0;
        }
        return any == 0 ? 1 : both / (double) any;
    }

    /** 1 less the characters to insert, delete or replace, for each character of the texts expected. */
    static double ofTexts(FloatTensor expected, FloatTensor actual) {
        int distance = 0;
        int length = 0;
        for (int i = 0; i < expected.batch(); i++) {
            List<Integer> text = text(expected.slice(i, i + 1));
            distance += editDistance(text, text(actual.slice(i, i + 1)));
            length += text.size();
        }
        return 1 - distance / (double) length;
    }

    /** Share of the items with the same most likely class. */
    static double ofLabels(FloatTensor expected, FloatTensor actual) {
        List<Integer> before = mostLikely(expected);
        List<Integer> after = mostLikely(actual);
        int same = 0;
        for (int i = 0; i < before.size(); i++) {
            same += before.get(i).equals(after.get(i)) ? 1 : 0;
        }
        return same / (double) before.size();
    }

    /**
     * The least cosine of the means over tokens.
     *
     * @param mask [sentences, tokens], 1 for tokens that count
     */
    static double ofSentences(FloatTensor expected, FloatTensor actual, FloatTensor mask) {
        double least = 1;
        for (int i = 0; i < expected.batch(); i++) {
            float[] counted = mask.slice(i, i + 1).data();
            least = Math.min(
                    least, cosine(mean(expected.slice(i, i + 1), counted), mean(actual.slice(i, i + 1), counted)));
        }
        return least;
    }

    /** What connectionist temporal classification reads (Graves et al. 2006): repetitions, then blanks, the first class, are left out. */
    private static List<Integer> text(FloatTensor probabilities) {
        List<Integer> text = new ArrayList<>();
        int last = 0;
        for (int character : mostLikely(probabilities)) {
            if (character != 0 && character != last) {
                text.add(character);
            }
            last = character;
        }
        return text;
    }

    private static List<Integer> mostLikely(FloatTensor probabilities) {
        float[] data = probabilities.data();
        int classes = (int) probabilities.shape()[probabilities.shape().length - 1];
        List<Integer> chosen = new ArrayList<>();
        for (int row = 0; row < data.length; row += classes) {
            int best = 0;
            for (int i = 1; i < classes; i++) {
                best = data[row + i] > data[row + best] ? i : best;
            }
            chosen.add(best);
        }
        return chosen;
    }

    /** Levenshtein's, row by row. */
    private static int editDistance(List<Integer> a, List<Integer> b) {
        int[] row = new int[b.size() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.size(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.get(i - 1).equals(b.get(j - 1)) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.size()];
    }

    private static double[] mean(FloatTensor tokens, float[] mask) {
        int size = (int) tokens.shape()[2];
        double[] sum = new double[size];
        for (int i = 0; i < tokens.data().length; i++) {
            sum[i % size] += tokens.data()[i] * mask[i / size];
        }
        return sum; // a cosine does not depend on how many there are
    }

    private static double cosine(double[] x, double[] y) {
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = 0; i < x.length; i++) {
            xx += x[i] * x[i];
            yy += y[i] * y[i];
            xy += x[i] * y[i];
        }
        return xy / Math.sqrt(xx * yy);
    }
}
