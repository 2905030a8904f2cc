package dev.limbeck.schemas;

/** How far a name that somebody wrote is from one that is known. */
public final class EditDistance {

    private EditDistance() {}

    /** The fewest letters to insert, delete or replace that turn one text into the other (Levenshtein 1966). */
    public static int between(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 1; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
