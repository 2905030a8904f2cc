package dev.limbeck.quantize;

import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How a network that is trained takes a tensor to its grid and back. */
interface GridForm {

    /** As the quantized network will: QuantizeLinear and DequantizeLinear. */
    GridForm PLAIN = GridForm::plain;

    /**
     * A grid and where it stands.
     *
     * @param name of the tensor on the grid
     * @param scale initializer
     * @param learned whether training changes the scale
     */
    record Site(String tensor, String name, String scale, Encoding encoding, StorageType storage, boolean learned) {

        /** Names of zero points and bounds begin with that of the tensor on the grid. */
        String zeroPoint(GraphEditor editor) {
            int[] zeros = Arrays.stream(encoding.zeroPoint())
                    .map(z -> z + storage.shift())
                    .toArray();
            long[] shape = encoding.perChannel() ? new long[] {zeros.length} : new long[0];
            return editor.initializer(name + "_zero_point", TensorValue.ofIntegers(storage.type(), zeros, shape));
        }
    }

    /**
     * @param learned gets the initializers, other than the site's scale, that training changes by factors
     * @return nodes, the last of which makes what the site names
     */
    List<Node> write(GraphEditor editor, Site site, List<String> learned);

    /** A grid that ONNX has no type for ends where a Clip of integers says, which a scale that changes leaves as it is. */
    private static List<Node> plain(GraphEditor editor, Site site, List<String> learned) {
        List<Node> nodes = new ArrayList<>();
        Encoding encoding = site.encoding();
        StorageType storage = site.storage();
        editor.requireOpset(storage.opset());
        String zeroPoint = site.zeroPoint(editor);
        String integers = site.name() + "_integers";
        nodes.add(onAxis("QuantizeLinear", List.of(site.tensor(), site.scale(), zeroPoint), integers, encoding));
        if (storage.exceeds(encoding.format())) {
            String low = bound(editor, site.name() + "_lowest", encoding.lowest() + storage.shift(), storage);
            String high = bound(editor, site.name() + "_highest", encoding.highest() + storage.shift(), storage);
            String bounded = site.name() + "_bounded";
            nodes.add(Node.of("Clip", bounded, List.of(integers, low, high), List.of(bounded)));
            integers = bounded;
        }
        nodes.add(onAxis("DequantizeLinear", List.of(integers, site.scale(), zeroPoint), site.name(), encoding));
        return nodes;
    }

    private static Node onAxis(String op, List<String> inputs, String output, Encoding encoding) {
        Node node = Node.of(op, output, inputs, List.of(output));
        return encoding.perChannel() ? node.withInteger("axis", encoding.axis()) : node;
    }

    private static String bound(GraphEditor editor, String name, int value, StorageType storage) {
        return editor.initializer(name, TensorValue.ofIntegers(storage.type(), new int[] {value}));
    }
}
