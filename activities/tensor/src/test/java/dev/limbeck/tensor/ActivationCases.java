package dev.limbeck.tensor;

import java.util.List;

/** Functions of each element, softmax, and dropout. */
final class ActivationCases extends CaseFamily {

    private static final long[] IMAGE = {2, 3, 4, 5};

    @Override
    void define() {
        List.of("Relu", "Sigmoid", "Tanh", "HardSigmoid", "Erf", "Softplus", "Elu", "LeakyRelu", "Selu", "Softsign")
                .forEach(this::unary);
        differ(Case.Difference.NONE);
        unary("Identity");
        add("Dropout in evaluation", dims(3, 5), g -> g.add("Dropout", "y", "x"));
        differ(Case.Difference.HUNDRED_THOUSANDTH);
        add("Elu alpha", IMAGE, g -> g.add(node("Elu", "x").withNumber("alpha", 0.7f)));
        add(
                "Selu alpha, gamma",
                IMAGE,
                g -> g.add(node("Selu", "x").withNumber("alpha", 1.5f).withNumber("gamma", 0.8f)));
        add("HardSigmoid 1/6", dims(40), g -> g.add(node("HardSigmoid", "x").withNumber("alpha", 1 / 6f)));
        add(
                "HardSigmoid 1/3, 0.4",
                dims(40),
                g -> g.add(node("HardSigmoid", "x").withNumber("alpha", 1 / 3f).withNumber("beta", 0.4f)));
        add("LeakyRelu alpha", dims(40), g -> g.add(node("LeakyRelu", "x").withNumber("alpha", 0.1f)));
        add("PRelu per channel", IMAGE, g -> g.add(node("PRelu", "x", weight("slope", 3, 1, 1))));
        add("PRelu one slope", IMAGE, g -> g.add(node("PRelu", "x", weight("slope", 1))));
        add(
                "Relu after Conv, BatchNormalization",
                dims(2, 4, 5, 5),
                g -> g.add("Relu", "r", Nets.conv(g, random(), "x", 4, 4, 3, 1, 1)));
        clip();
        softmax();
        dropout();
        opsetsFrom(10);
        add("ThresholdedRelu", IMAGE, g -> g.add(node("ThresholdedRelu", "x").withNumber("alpha", 0.4f)));
        opsetsFrom(12);
        add("Celu", IMAGE, g -> g.add(node("Celu", "x").withNumber("alpha", 0.7f)));
        opsetsFrom(14);
        unary("HardSwish");
        opsetsFrom(18);
        unary("Mish");
        opsetsFrom(20);
        unary("Gelu");
        add("Gelu tanh", IMAGE, g -> g.add(node("Gelu", "x").withText("approximate", "tanh")));
    }

    private void clip() {
        opsets(9, 10);
        add(
                "Clip bounds as attributes",
                dims(40),
                g -> g.add(node("Clip", "x").withNumber("min", -0.5f).withNumber("max", 0.6f)));
        opsetsFrom(11);
        add("Clip", dims(40), g -> g.add(node("Clip", "x", number("low", -0.5f), number("high", 0.7f))));
        add("Clip only above", dims(40), g -> g.add(node("Clip", "x", "", number("high", 0.7f))));
        add("Clip only below", dims(40), g -> g.add(node("Clip", "x", number("low", -0.5f))));
        add(
                "Clip after Conv, BatchNormalization",
                dims(2, 4, 5, 5),
                g -> Nets.clip(g, Nets.conv(g, random(), "x", 4, 4, 3, 1, 4)));
        opsetsFrom(12);
        smooth(false);
        add(
                "Clip of integers",
                dims(40),
                g -> cast(then(node("Clip", cast("x", dev.limbeck.graph.ElementType.INT64), "", integer("high", 1)))));
        smooth(true);
    }

    private void softmax() {
        for (String op : List.of("Softmax", "LogSoftmax")) {
            opsets(9, 12);
            add(op + " over all dimensions from the axis on", dims(2, 3, 4), g -> g.add(op, "y", "x"));
            add(
                    op + " over all dimensions from the axis on, last axis",
                    dims(2, 3, 4),
                    g -> g.add(node(op, "x").withInteger("axis", 2)));
            opsetsFrom(13);
            add(op, dims(3, 4, 5), g -> g.add(op, "y", "x"));
            add(op + " axis", dims(3, 4, 5), g -> g.add(node(op, "x").withInteger("axis", 1)));
        }
    }

    private void dropout() {
        differ(Case.Difference.NONE);
        opsets(9, 11);
        add(
                "Dropout ratio as attribute",
                dims(3, 5),
                g -> g.add(node("Dropout", "x").withNumber("ratio", 0.3f)));
        opsetsFrom(12);
        add("Dropout ratio", dims(3, 5), g -> g.add(node("Dropout", "x", number("ratio", 0.3f))));
        add("Dropout mask", dims(3, 5), g -> {
            g.add(node("Dropout", "x").withOutputs(List.of("kept", "mask")));
            return g.add(node("Mul", "kept", cast("mask")));
        });
        differ(Case.Difference.HUNDRED_THOUSANDTH);
    }
}
