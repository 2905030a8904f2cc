package dev.limbeck.tensor;

/** Turns a node into an operation; throws what {@link NodeContext#refuse} returns for a mode without parity. */
@FunctionalInterface
interface OperatorCompiler {
    Operation compile(NodeContext context);
}
