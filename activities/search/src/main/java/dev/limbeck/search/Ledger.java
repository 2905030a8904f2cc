package dev.limbeck.search;

import java.util.ArrayList;
import java.util.List;

/**
 * What a search costs in epochs: a library that is paid for once, and networks finetuned for each scenario; plain data.
 *
 * <p>Counted twice: in the paper's unit, where an epoch of one block counts as an epoch, and in real compute, where an epoch is that
 * of the whole reference network on all training images.
 *
 * <pre>cost of one scenario among S = library / S + networks * finetuning epochs</pre>
 *
 * @param library reference, blocks and the predictor's networks
 * @param perScenario the finetuned front first, then what is trained of it besides
 * @param scratchEpochs epochs in which one network is trained from random weights
 */
public record Ledger(List<Entry> library, List<Entry> perScenario, double scratchEpochs) {

    public Ledger {
        library = List.copyOf(library);
        perScenario = List.copyOf(perScenario);
    }

    /** In what epochs are counted. */
    public enum Unit {
        /** Every epoch counts 1, whatever it trains. */
        PAPER,
        /** An epoch counts as its compute over that of an epoch of the whole reference on all training images. */
        REAL
    }

    /**
     * Trainings of one kind.
     *
     * @param relativeCost compute of one of its epochs over that of the reference on all training images
     */
    public record Entry(String name, long trainings, double epochsEach, double relativeCost) {

        public double epochs(Unit unit) {
            return trainings * epochsEach * (unit == Unit.PAPER ? 1 : relativeCost);
        }
    }

    /**
     * A row of the comparison, in epochs per scenario.
     *
     * @param range of the finetuning epochs; both ends are equal where the method names one figure
     */
    public record Row(String method, Range oneScenario, Range fourScenarios, Range manyScenarios) {}

    public record Range(double low, double high) {

        private Range plus(double epochs) {
            return new Range(low + epochs, high + epochs);
        }
    }

    /** Epochs that are paid for once. */
    public double libraryEpochs(Unit unit) {
        return library.stream().mapToDouble(e -> e.epochs(unit)).sum();
    }

    /** Epochs for each of so many scenarios that share the library. */
    public double perScenarioEpochs(Unit unit, int scenarios) {
        return libraryEpochs(unit) / scenarios + perScenarioEpochs(unit);
    }

    private double perScenarioEpochs(Unit unit) {
        return perScenario.stream().mapToDouble(e -> e.epochs(unit)).sum();
    }

    /** Epochs for one scenario where its networks are trained from random weights, and nothing is searched. */
    public double scratch() {
        return perScenario.getFirst().trainings() * scratchEpochs;
    }

    /** This run beside the figures that DONNA's paper gives for ImageNet (its table 1): 10 networks a scenario. */
    public List<Row> comparison() {
        List<Row> rows = new ArrayList<>();
        rows.add(row("this run, paper's unit", this, Unit.PAPER));
        rows.add(row("this run, real compute", this, Unit.REAL));
        rows.addAll(published());
        return rows;
    }

    /** The published costs: OFA, DNA, MNasNet and DONNA on ImageNet, from the paper's table. */
    public static List<Row> published() {
        return List.of(
                row("OFA", 1200, new Range(10 * 25, 10 * 75)),
                row("DNA", 770, new Range(10 * 450, 10 * 450)),
                // Its search is done again for every scenario.
                row("MNasNet", 0, new Range(40_000 + 10 * 450, 40_000 + 10 * 450)),
                row("DONNA", 4000, new Range(10 * 50, 10 * 50)));
    }

    /**
     * Compute of an epoch of one block over that of the reference: a training step is three forward passes.
     *
     * @param blockMacs of the variant that is trained
     * @param teacherMacs of what the teacher computes in each step: 0 where its activations are kept
     * @param imageShare images of the epoch over all training images
     */
    public static double relativeCost(double blockMacs, double teacherMacs, double referenceMacs, double imageShare) {
        return imageShare * (3 * blockMacs + teacherMacs) / (3 * referenceMacs);
    }

    private static Row row(String method, Ledger ledger, Unit unit) {
        double each = ledger.perScenarioEpochs(unit);
        return row(method, ledger.libraryEpochs(unit), new Range(each, each));
    }

    private static Row row(String method, double library, Range each) {
        return new Row(method, each.plus(library), each.plus(library / 4), each);
    }
}
