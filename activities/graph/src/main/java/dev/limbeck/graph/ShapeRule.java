package dev.limbeck.graph;

/** How one operator's output shapes, and where they are small and known, output values, follow from its inputs. */
@FunctionalInterface
interface ShapeRule {

    /** Shapes that come in are complete: no dimension is dynamic. */
    void infer(OpContext op);
}
