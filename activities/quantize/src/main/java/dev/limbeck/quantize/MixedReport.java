package dev.limbeck.quantize;

import dev.limbeck.graph.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was chosen and why.
 *
 * @param search that chose
 * @param cost of the network: bit-operations for one item, or nanoseconds
 * @param share of the 8-bit network's cost
 * @param predictedLoss the sum of the groups' losses
 * @param loss what the whole network really loses, its weights rounded to nearest
 * @param groups what was chosen for each
 * @param paretoList what both searches find for other costs, the dearest first
 */
public record MixedReport(
        MixedSearch search,
        long cost,
        double share,
        double predictedLoss,
        double loss,
        List<Group> groups,
        List<Member> paretoList) {

    /** Members of the list: that of the greedy search may have as many as there are groups and candidates. */
    private static final int MEMBERS = 12;

    private static final String ROW = "  %24s  %18s  %18s";

    public MixedReport {
        groups = List.copyOf(groups);
        paretoList = List.copyOf(paretoList);
    }

    /**
     * @param layers names of the nodes that multiply
     * @param macs of these
     * @param losses of all candidates, with only this group quantized
     */
    public record Group(
            String name,
            List<String> layers,
            List<String> activations,
            long macs,
            String precision,
            Map<String, Double> losses) {}

    /**
     * A choice of the greedy search, and what the exact one finds for no more than its cost.
     *
     * @param share of the 8-bit network's cost
     */
    public record Member(
            double share, double greedyPredictedLoss, double greedyLoss, double exactPredictedLoss, double exactLoss) {}

    static MixedReport of(MixedPrecision mixed, MixedSearch search, MixedPrecision.Choice choice) {
        List<Group> groups = new ArrayList<>();
        for (int g = 0; g < mixed.groups().size(); g++) {
            LayerGroup group = mixed.groups().get(g);
            Map<String, Double> losses = new LinkedHashMap<>();
            mixed.losses(g).forEach((precision, loss) -> losses.put(precision.toString(), loss));
            groups.add(new Group(
                    group.name(),
                    group.layers().stream().map(Node::label).toList(),
                    group.activations(),
                    mixed.macs(g),
                    choice.precisions().get(g).toString(),
                    losses));
        }
        return new MixedReport(
                search,
                choice.cost(),
                (double) choice.cost() / mixed.reference(),
                choice.predictedLoss(),
                mixed.loss(choice),
                groups,
                members(mixed));
    }

    private static List<Member> members(MixedPrecision mixed) {
        List<MixedPrecision.Choice> greedy = mixed.choices(MixedSearch.GREEDY).reversed();
        List<MixedPrecision.Choice> exact = mixed.choices(MixedSearch.EXACT).reversed();
        int count = Math.min(MEMBERS, greedy.size());
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MixedPrecision.Choice one = greedy.get(count == 1 ? 0 : i * (greedy.size() - 1) / (count - 1));
            MixedPrecision.Choice other = exact.stream()
                    .filter(choice -> choice.cost() <= one.cost())
                    .findFirst()
                    .orElseThrow();
            members.add(new Member(
                    (double) one.cost() / mixed.reference(),
                    one.predictedLoss(),
                    mixed.loss(one),
                    other.predictedLoss(),
                    mixed.loss(other)));
        }
        return members;
    }

    /** For people, a line for each group and member of the list. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("precision of each group, and what others would lose with only it quantized:");
        for (Group group : groups) {
            List<String> others = group.losses().entrySet().stream()
                    .map(entry -> entry.getKey() + " " + number(entry.getValue()))
                    .toList();
            lines.add("  %-40s %-6s %9.3f M MACs  %s"
                    .formatted(group.name(), group.precision(), group.macs() / 1e6, String.join(", ", others)));
        }
        lines.add("loss, predicted and real, of what each search finds:");
        lines.add(ROW.formatted("cost over that of 8 bits", "greedy", "exact"));
        for (Member member : paretoList) {
            lines.add(ROW.formatted(
                    "%.2f %%".formatted(100 * member.share()),
                    pair(member.greedyPredictedLoss(), member.greedyLoss()),
                    pair(member.exactPredictedLoss(), member.exactLoss())));
        }
        return lines;
    }

    /** In one line. */
    public String summary() {
        return "mixed precision (%s): %.1f %% of the 8-bit network's cost, loss predicted %s, really %s"
                .formatted(search.name().toLowerCase(Locale.ROOT), 100 * share, number(predictedLoss), number(loss));
    }

    private static String pair(double predicted, double real) {
        return number(predicted) + ", " + number(real);
    }

    private static String number(double loss) {
        return String.format(Locale.ROOT, loss == 0 ? "%.0f" : loss < 0.001 ? "%.1e" : "%.4f", loss);
    }
}
