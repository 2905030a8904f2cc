package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.TensorValue;
import java.util.List;

/** Arithmetic, comparisons, logic, and functions of each element. */
final class ArithmeticCases extends CaseFamily {

    private static final long[] SHAPE = {2, 3, 4};

    @Override
    void define() {
        functions();
        twoTensors();
        power();
        severalTensors();
        steps();
        integers();
        modulo();
        comparisons();
        logic();
        where();
    }

    private void functions() {
        List.of("Neg", "Abs", "Exp", "Sin", "Cos").forEach(this::unary);
        FloatTensor positive = positive();
        for (String op : List.of("Sqrt", "Log", "Reciprocal")) {
            add(op, positive, g -> g.add(op, "y", "x"));
        }
    }

    private static FloatTensor positive() {
        FloatTensor positive = Nets.normal(9, SHAPE);
        for (int i = 0; i < positive.data().length; i++) {
            positive.data()[i] = Math.abs(positive.data()[i]) + 0.5f;
        }
        return positive;
    }

    private void twoTensors() {
        for (String op : List.of("Add", "Mul", "Sub")) {
            add(op + " broadcast", SHAPE, g -> g.add(node(op, "x", weight("w", 3, 1))));
            add(op + " of itself", SHAPE, g -> g.add(node(op, "x", "x")));
        }
        add("Sub from constant", dims(2, 3), g -> g.add(node("Sub", number("one", 1), "x")));
        add("Div", positive(), g -> g.add(node("Div", number("one", 1), "x")));
        add("Div broadcast", SHAPE, g -> g.add(node("Div", "x", floats("d", 0.5f, -2, 3, 0.7f))));
    }

    private void power() {
        add("Pow", positive(), g -> g.add(node("Pow", "x", number("e", 2.5f))));
        add("Pow of negatives", dims(12), g -> g.add(node("Pow", "x", number("e", 2))));
        add("Pow of tensors", positive(), g -> g.add(node("Pow", "x", "x")));
        opsetsFrom(12);
        add("Pow integer exponent", dims(12), g -> g.add(node("Pow", "x", integer("e", 3))));
        smooth(false);
        differ(Case.Difference.NONE);
        add("Pow of integers", dims(12), g -> cast(then(node("Pow", wholes("x"), integer("e", 2)))));
        add("Pow of integers, float exponent", dims(12), g -> cast(then(node("Pow", wholes("x"), number("e", 2)))));
        differ(Case.Difference.HUNDRED_THOUSANDTH);
        smooth(true);
        opsetsFrom(OLDEST);
    }

    private void severalTensors() {
        for (String op : List.of("Min", "Max", "Sum", "Mean")) {
            add(op, dims(2, 3), g -> g.add(node(op, "x", weight("w", 3))));
            add(op + " of one", dims(2, 3), g -> g.add(node(op, "x")));
            add(op + " of three", dims(2, 3), g -> g.add(node(op, "x", weight("w", 3), weight("v", 2, 1))));
        }
    }

    private void steps() {
        smooth(false);
        differ(Case.Difference.NONE);
        FloatTensor ties =
                new FloatTensor(new float[] {-2.5f, -1.5f, -0.5f, -0.2f, 0, 0.2f, 0.5f, 1.5f, 2.5f, 3.7f}, 10);
        for (String op : List.of("Floor", "Ceil", "Sign")) {
            add(op, ties, g -> g.add(op, "y", "x"));
        }
        opsetsFrom(11);
        add("Round half to even", ties, g -> g.add("Round", "y", "x"));
        opsetsFrom(OLDEST);
    }

    private void integers() {
        for (String op : List.of("Add", "Sub", "Mul", "Div")) {
            add(op + " of integers", dims(20), g -> cast(then(node(op, wholes("x"), integer("d", 3)))));
        }
        for (String op : List.of("Neg", "Abs", "Sign")) {
            add(op + " of integers", dims(20), g -> cast(then(node(op, wholes("x")))));
        }
        opsetsFrom(12);
        for (String op : List.of("Min", "Max")) {
            add(op + " of integers", dims(20), g -> cast(then(node(op, wholes("x"), integer("d", 3)))));
        }
    }

    /** Numbers of some tens. */
    private String wholes(String x) {
        return cast(then(node("Mul", x, number("ten", 10))), ElementType.INT64);
    }

    private void modulo() {
        opsetsFrom(10);
        for (long divisor : new long[] {3, -3}) {
            String sign = divisor > 0 ? "" : ", negative divisor";
            add("Mod of integers" + sign, dims(20), g -> cast(then(node("Mod", wholes("x"), integer("d", divisor)))));
            add(
                    "Mod fmod of integers" + sign,
                    dims(20),
                    g -> cast(
                            then(node("Mod", wholes("x"), integer("d", divisor)).withInteger("fmod", 1))));
        }
        smooth(true);
        differ(Case.Difference.HUNDRED_THOUSANDTH);
        add("Mod fmod", dims(20), g -> g.add(node("Mod", "x", number("d", 0.7f)).withInteger("fmod", 1)));
    }

    private void comparisons() {
        smooth(false);
        differ(Case.Difference.NONE);
        TensorValue values = TensorValue.ofFloats(Nets.normal(4, 3).data(), 3);
        for (String op : List.of("Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal")) {
            opsetsFrom(op.endsWith("OrEqual") ? 12 : op.equals("Equal") ? 11 : OLDEST);
            add(op, dims(4, 3), g -> {
                g.initializer("v", values);
                String chosen = then(node("Where", then(node("Less", "x", number("zero", 0))), "v", "x"));
                return cast(then(node(op, chosen, "v")));
            });
            opsetsFrom(Math.max(op.equals("Equal") ? OLDEST : 9, op.endsWith("OrEqual") ? 12 : OLDEST));
            add(op + " of integers", dims(40), g -> cast(then(node(op, wholes("x"), integer("five", 5)))));
        }
        opsetsFrom(OLDEST);
        add("Equal of booleans", dims(40), g -> cast(then(node("Equal", truth("x", 0), truth("x", 0.5f)))));
    }

    private String truth(String x, float above) {
        return then(node("Greater", x, number("above" + above, above)));
    }

    private void logic() {
        for (String op : List.of("And", "Or", "Xor")) {
            add(op, dims(40), g -> cast(then(node(op, truth("x", -0.3f), truth("x", 0.3f)))));
        }
        add("Not", dims(40), g -> cast(then(node("Not", truth("x", 0)))));
    }

    private void where() {
        add("Where of integers", dims(20), g -> cast(then(node("Where", truth("x", 0), wholes("x"), integer("d", 7)))));
        smooth(true);
        add("Where", dims(2, 3), g -> {
            g.initializer("a", TensorValue.ofLongs(new long[] {1, 2, 3}, 3));
            g.initializer("b", TensorValue.ofLongs(new long[] {1, 0, 3}, 3));
            return g.add(node("Where", g.add("Equal", "same", "a", "b"), "x", weight("w", 2, 3)));
        });
    }
}
