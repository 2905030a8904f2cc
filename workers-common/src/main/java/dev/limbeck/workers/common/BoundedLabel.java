package dev.limbeck.workers.common;

import java.util.HashSet;
import java.util.Set;

/**
 * Values of a label that people choose, such as names of scenarios: the first ones a process meets are kept, all later ones become
 * {@value #REST}, so that a process that lives for months has few series all the same.
 */
final class BoundedLabel {

    static final String REST = "other";

    private final int limit;
    private final Set<String> known = new HashSet<>();

    /** @param limit values that are kept */
    BoundedLabel(int limit) {
        this.limit = limit;
    }

    synchronized String of(String value) {
        if (known.contains(value)) {
            return value;
        }
        return known.size() < limit && known.add(value) ? value : REST;
    }
}
