package dev.limbeck.cli.grafana;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a PromQL expression asks for, as far as names go. */
final class Queries {

    private static final Pattern SELECTOR = Pattern.compile(
            "\\b((?:limbeck|temporal|kafka|jvm|process|system)_[a-zA-Z0-9_]+|[a-z_]+:[a-zA-Z0-9_]+:[a-zA-Z0-9_]+"
                    + "|up(?=\\{)|ALERTS(?=\\{))(?:\\{([^}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("([a-zA-Z_]+)\\s*(?:=~|!~|!=|=)");

    /** Labels that Prometheus adds when it scrapes. */
    private static final Set<String> SCRAPED = Set.of("instance", "job");

    private Queries() {}

    /** A metric and the labels that are selected by. */
    record Selector(String metric, Set<String> labels) {}

    static Set<Selector> selectors(String expression) {
        Set<Selector> selectors = new LinkedHashSet<>();
        Matcher selector = SELECTOR.matcher(expression);
        while (selector.find()) {
            Set<String> labels = new LinkedHashSet<>();
            if (selector.group(2) != null) {
                Matcher label = MATCHER.matcher(selector.group(2));
                while (label.find()) {
                    labels.add(label.group(1));
                }
                labels.removeAll(SCRAPED);
            }
            selectors.add(new Selector(selector.group(1), labels));
        }
        return selectors;
    }
}
