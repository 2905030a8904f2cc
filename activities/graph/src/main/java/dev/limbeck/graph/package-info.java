/** ONNX graphs as immutable values: read, check, edit, fold, cut, splice, count, write. */
package dev.limbeck.graph;
