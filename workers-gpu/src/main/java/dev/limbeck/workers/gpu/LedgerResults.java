package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Provenance;
import dev.limbeck.schemas.QuantizeSpec;
import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.Spec;
import dev.limbeck.search.Ledger;
import dev.limbeck.search.Ledger.Entry;
import dev.limbeck.search.SpaceProfile;
import dev.limbeck.workflows.Finetuned;
import dev.limbeck.workflows.ReportRequest;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.SampleOutcome;
import java.util.ArrayList;
import java.util.List;

/** What a run cost in epochs, beside other methods. */
final class LedgerResults {

    private final Artifacts artifacts;
    private final RunRequest run;
    private final ReportRequest request;
    private final Assembly assembly;

    LedgerResults(Artifacts artifacts, RunRequest run, ReportRequest request, Assembly assembly) {
        this.artifacts = artifacts;
        this.run = run;
        this.request = request;
        this.assembly = assembly;
    }

    /** @param trainingImages of the whole dataset: what an epoch of the reference sees */
    Results.Ledger ledger(int trainingImages) {
        Ledger ledger = new Ledger(library(trainingImages), perScenario(trainingImages), referenceEpochs());
        return new Results.Ledger(
                ledger.library().stream().map(LedgerResults::entry).toList(),
                ledger.perScenario().stream().map(LedgerResults::entry).toList(),
                ledger.comparison().stream()
                        .map(row -> new Results.Row(
                                row.method(),
                                range(row.oneScenario()),
                                range(row.fourScenarios()),
                                range(row.manyScenarios())))
                        .toList());
    }

    private List<Entry> library(int trainingImages) {
        SpaceProfile profile = assembly.profile();
        List<Entry> entries = new ArrayList<>();
        double reference = referenceEpochs();
        if (reference > 0) {
            entries.add(new Entry("reference", 1, reference, 1));
        }
        double blockMacs = profile.blockMacs().stream()
                .flatMap(List::stream)
                .mapToLong(Long::longValue)
                .average()
                .orElse(0);
        double blockImages = share(run.spec().library().images(), trainingImages);
        // the teacher's activations are kept, so a block's epoch costs the block alone
        entries.add(new Entry(
                "block variants",
                assembly.space().space().trainedVariants(),
                run.spec().library().epochs(),
                Ledger.relativeCost(blockMacs, 0, profile.reference().macs(), blockImages)));
        double sampleMacs = request.samples().stream()
                .mapToLong(SampleOutcome::macs)
                .average()
                .orElse(0);
        entries.add(new Entry(
                "networks for the predictor",
                request.samples().size(),
                run.spec().predictor().epochs(),
                Ledger.relativeCost(
                        sampleMacs,
                        0,
                        profile.reference().macs(),
                        share(run.spec().predictor().images(), trainingImages))));
        return entries;
    }

    private List<Entry> perScenario(int trainingImages) {
        Spec.Compress compress = run.spec().compress();
        QuantizeSpec quantize = run.spec().quantize().getFirst();
        int networks = run.spec().finetune().networks();
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(
                "finetuned networks",
                networks,
                run.spec().finetune().epochs(),
                relativeCost(false, share(run.spec().finetune().images(), trainingImages))));
        if (compress != null && compress.epochs() > 0) {
            entries.add(new Entry("compressed networks", networks, compress.epochs(), relativeCost(true, 1)));
        }
        if (quantize.trains()) {
            entries.add(
                    new Entry("networks trained for few bits", networks, quantize.epochs(), relativeCost(false, 1)));
            if (compress != null) {
                entries.add(new Entry(
                        "compressed networks trained for few bits",
                        networks,
                        quantize.epochs(),
                        relativeCost(true, 1)));
            }
        }
        return entries;
    }

    private double relativeCost(boolean compressed, double imageShare) {
        double macs = request.networks().stream()
                .filter(network ->
                        !network.architecture().isEmpty() && network.precision().equals("fp32"))
                .filter(network -> (network.compression() != null) == compressed)
                .map(Finetuned::network)
                .mapToLong(network -> Cost.of(artifacts.graph(network)).macs())
                .average()
                .orElse(0);
        return Ledger.relativeCost(macs, 0, assembly.profile().reference().macs(), imageShare);
    }

    /** How long the reference was trained, as its provenance says; 0 where it does not. */
    private double referenceEpochs() {
        return Provenance.of(artifacts.graph(run.reference()))
                .map(provenance -> provenance.parameters().get("epochs"))
                .map(Double::parseDouble)
                .orElse(0.0);
    }

    private static double share(int images, int trainingImages) {
        return Math.min(1, (double) images / trainingImages);
    }

    private static Results.Entry entry(Entry entry) {
        return new Results.Entry(
                entry.name(),
                entry.trainings(),
                entry.epochsEach(),
                entry.epochs(Ledger.Unit.PAPER),
                entry.epochs(Ledger.Unit.REAL));
    }

    private static Results.Range range(Ledger.Range range) {
        return new Results.Range(range.low(), range.high());
    }
}
