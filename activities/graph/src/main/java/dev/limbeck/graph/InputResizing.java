package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.List;
import java.util.Map;

/** Gives a network that takes images [N, channels, height, width] another height and width. */
public final class InputResizing {

    private InputResizing() {}

    /**
     * The same network for images of another size; a size that the graph fixes is replaced, one that it leaves open is fixed.
     *
     * @param graph its only input of four dimensions takes the images
     * @return its outputs declare the shapes that follow; the batch stays as it is
     * @throws BadInputException if there is no such input, or a node needs the old size; the message names that node
     */
    public static Graph resize(Graph graph, int height, int width) {
        List<ValueInfo> images = graph.inputs().stream()
                .filter(input -> input.shape() != null && input.shape().length == 4)
                .toList();
        if (images.size() != 1) {
            throw new BadInputException("network '" + graph.name() + "' has " + images.size()
                    + " inputs of the form [N, channels, height, width] and not one, so its images have no size to set: "
                    + graph.inputs());
        }
        long[] shape = images.getFirst().shape();
        shape[2] = height;
        shape[3] = width;
        GraphEditor editor = graph.edit().clearInputs();
        for (ValueInfo input : graph.inputs()) {
            editor.input(input.equals(images.getFirst()) ? new ValueInfo(input.name(), input.type(), shape) : input);
        }
        Graph resized = editor.build();
        try {
            Map<String, ValueInfo> inferred = ShapeInference.infer(resized, ValueInfo.DYNAMIC);
            editor = resized.edit().clearOutputs();
            for (ValueInfo output : graph.outputs()) {
                editor.output(inferred.get(output.name()));
            }
            return editor.build();
        } catch (BadInputException e) {
            throw new BadInputException(
                    "network '" + graph.name() + "' does not take images of " + height + " x " + width + ": "
                            + e.getMessage() + "; leave the image size as it is, or export the network for this one",
                    e);
        }
    }
}
