package dev.limbeck.bench;

import dev.limbeck.schemas.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Writes docs/results.md from a finished run: {@code bench/results-page RUN_FOLDER}. */
public final class ResultsPage {

    /** What other commands measured stands below, and stays. */
    private static final String KEPT = "\n## On a fleet\n";

    private final Results results;
    private final StringBuilder page = new StringBuilder();

    private ResultsPage(Results results) {
        this.results = results;
    }

    /** Arguments: the run's folder, the file to write, the commit, wall seconds of the run, its largest resident memory in MB. */
    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        Results results = Results.read(Path.of(arguments[0]).resolve("results.json"));
        ResultsPage page = new ResultsPage(results);
        page.head(arguments[2], arguments[3], arguments[4]);
        results.scenarios().forEach(page::scenario);
        page.predictor();
        page.ledger();
        Path file = Path.of(arguments[1]);
        String before = Files.exists(file) ? Files.readString(file) : "";
        int kept = before.indexOf(KEPT);
        Files.writeString(file, page.page + (kept < 0 ? "" : before.substring(kept)));
    }

    private void head(String commit, String seconds, String megabytes) {
        line("# What the example reaches");
        line("");
        line(
                "Written by `bench/results-page`, which runs `./limbeck run examples/fashion-mnist/quick.yaml` with an empty store. "
                        + "Accuracies are top-1 on the 10,000 test images, which no choice ever uses.");
        line("");
        line("- date: " + results.createdAt() + ", commit " + commit);
        for (Results.Machine machine : results.machines()) {
            line("- machine: %s, %d cores, %s, %s"
                    .formatted(machine.cpu(), machine.cores(), machine.runtime(), machine.java()));
        }
        line("- the run took %s s and at most %s MB".formatted(seconds, megabytes));
        line("- space: %d blocks, %d variants, %s networks"
                .formatted(
                        results.space().blocks(),
                        results.space().variants(),
                        results.space().architectures()));
        line("- reference: %.2f %%".formatted(100 * results.reference().accuracy()));
    }

    private void scenario(Results.Scenario scenario) {
        Results.Latency reference = scenario.reference().latency();
        line("");
        line("## " + scenario.name());
        line("%s, %d thread, batch %d%s. %s."
                .formatted(
                        scenario.precision(),
                        scenario.threads(),
                        scenario.batch(),
                        scenario.imageSize() == null ? "" : ", images of " + scenario.imageSize(),
                        scenario.goals().text()));
        line("");
        line(
                "| network | accuracy | p50 ms | p90 ms | speed-up | M MACs | thousand parameters | convolutions in integer kernels |");
        line("| --- | --- | --- | --- | --- | --- | --- | --- |");
        row(
                "reference",
                scenario.reference().accuracy(),
                reference,
                reference,
                "",
                "",
                integer(scenario.precision(), scenario.reference().integerKernelShare()));
        for (Results.Network network : scenario.front()) {
            row(
                    network.model(),
                    network.accuracy(),
                    network.latency(),
                    reference,
                    "%.2f".formatted(network.macs() / 1e6),
                    "%.0f".formatted(network.parameters() / 1e3),
                    integer(network.precision(), network.integerKernelShare()));
        }
        if (scenario.search().exactHypervolume() != null) {
            line("");
            line(
                    "%d candidates were measured; the hypervolume of their front is %.3f of that of the exact front of the whole space."
                            .formatted(
                                    scenario.search().measuredCandidates(),
                                    scenario.search().hypervolume()
                                            / scenario.search().exactHypervolume()));
        }
    }

    private void row(
            String name,
            double accuracy,
            Results.Latency latency,
            Results.Latency reference,
            String macs,
            String parameters,
            String integer) {
        line("| %s | %.2f %% | %.3f | %.3f | %.2f | %s | %s | %s |"
                .formatted(
                        name,
                        100 * accuracy,
                        latency.p50Millis(),
                        latency.p90Millis(),
                        reference.p50Millis() / latency.p50Millis(),
                        macs,
                        parameters,
                        integer));
    }

    private static String integer(String precision, Double share) {
        return precision.equals("int8") ? "%.0f %%".formatted(100 * share) : "";
    }

    private void predictor() {
        Results.Predictor predictor = results.predictor();
        line("");
        line("## Predictor");
        line("Leave-one-out on %d finetuned networks; a perfect predictor would reach %.2f at the noise of %s."
                .formatted(predictor.heldOut(), predictor.noiseCeiling(), "the validation images"));
        line("");
        line("| predictor | Kendall tau | 5 to 95 % |");
        line("| --- | --- | --- |");
        tau("Limbeck's", predictor.kendallTau(), predictor.kendallTauInterval());
        predictor.baselines().forEach(b -> tau(b.name(), b.kendallTau(), b.kendallTauInterval()));
        line("");
        line("RMSE %.2f points.".formatted(100 * predictor.rmse()));
    }

    private void tau(String name, Double tau, Results.Range interval) {
        line("| %s | %s | %s |"
                .formatted(
                        name,
                        tau == null ? "" : "%.2f".formatted(tau),
                        interval == null ? "" : "%.2f to %.2f".formatted(interval.low(), interval.high())));
    }

    private void ledger() {
        line("");
        line("## Ledger");
        line("Epochs for each scenario; published figures are for ImageNet.");
        line("");
        line("| method | 1 scenario | 4 scenarios | many |");
        line("| --- | --- | --- | --- |");
        for (Results.Row row : results.ledger().rows()) {
            line("| %s | %s | %s | %s |"
                    .formatted(
                            row.method(),
                            range(row.oneScenario()),
                            range(row.fourScenarios()),
                            range(row.manyScenarios())));
        }
    }

    private static String range(Results.Range range) {
        return range.low() == range.high()
                ? "%,.0f".formatted(range.low())
                : "%,.0f to %,.0f".formatted(range.low(), range.high());
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
