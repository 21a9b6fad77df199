package org.kapacitorudf.server.plugin;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Suggests a name for one that does not exist. */
public final class Suggestion {
    private Suggestion() {}

    /**
     * Returns the candidate closest to the given name, if it is close enough: at most a third of the letters differ, or
     * one of the two is a prefix of the other.
     */
    public static Optional<String> closest(String typed, Collection<String> candidates) {
        return candidates.stream()
                .filter(candidate -> distance(typed, candidate) <= Math.max(typed.length(), candidate.length()) / 3)
                .min(Comparator.comparingInt(candidate -> distance(typed, candidate)));
    }

    /**
     * The number of letters that differ, ignoring case; 0 if one is a prefix of the other and has at least three
     * letters.
     */
    private static int distance(String typed, String candidate) {
        String a = typed.toLowerCase(Locale.ROOT);
        String b = candidate.toLowerCase(Locale.ROOT);
        boolean begins = a.length() >= 3 && b.length() >= 3 && (a.startsWith(b) || b.startsWith(a));
        return begins ? 0 : editDistance(a, b);
    }

    /** The Levenshtein distance: the number of insertions, deletions and replacements. */
    private static int editDistance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
