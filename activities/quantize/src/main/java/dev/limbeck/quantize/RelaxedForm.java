package dev.limbeck.quantize;

import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.tensor.TrainingOperators;
import java.util.List;

/** Grids whose points are drawn, by noise that is learned as well (Louizos et al. 2019). */
final class RelaxedForm implements GridForm {

    /** In steps of the grid, at first; the paper begins with a third. */
    private static final float NOISE = 1 / 3f;

    @Override
    public List<Node> write(GraphEditor editor, Site site, List<String> learned) {
        if (!site.learned()) {
            return PLAIN.write(editor, site, learned);
        }
        Encoding encoding = site.encoding();
        int shift = site.storage().shift();
        String noise = editor.initializer(site.name() + "_noise", TensorValue.scalar(NOISE));
        learned.add(noise);
        return List.of(TrainingOperators.relaxedQuantize(
                site.tensor(),
                site.scale(),
                site.zeroPoint(editor),
                noise,
                encoding.axis(),
                encoding.lowest() + shift,
                encoding.highest() + shift,
                site.name()));
    }
}
