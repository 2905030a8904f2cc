package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatNetworkChecks;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;

/** Refuses networks that cannot be quantized well, before any work, naming what is wrong with them. */
final class NetworkChecks {

    private static final int OLDEST_OPSET = 9;

    private NetworkChecks() {}

    /**
     * @throws BadInputException as {@link FloatNetworkChecks#check}, or if the network's operators are of another time
     */
    static void check(Graph network) {
        String label = "network '" + network.name() + "'";
        if (network.opset() < OLDEST_OPSET) {
            throw new BadInputException(
                    label + " uses opset " + network.opset() + "; export it with opset " + OLDEST_OPSET + " or newer");
        }
        FloatNetworkChecks.check(network);
    }

    /** @throws BadInputException if the network takes anything but images */
    static void checkInput(Graph network) {
        String label = "network '" + network.name() + "'";
        if (network.inputs().size() != 1) {
            throw new BadInputException(label + " has " + network.inputs().size()
                    + " inputs; only networks with one input can be quantized without data: give calibration data");
        }
        ValueInfo input = network.inputs().getFirst();
        if (input.type() != ElementType.FLOAT) {
            throw new BadInputException(label + " takes " + input
                    + "; only networks with a float input can be quantized without data: give calibration data");
        }
    }

    /** @throws BadInputException if calibration data lacks an input, or has other dimensions than it, naming those expected */
    static void checkData(Graph network, Items data) {
        String label = "network '" + network.name() + "'";
        for (ValueInfo input : network.inputs()) {
            FloatTensor given = data.inputs().get(input.name());
            if (given == null) {
                throw new BadInputException(label + " takes " + network.inputs() + ", but the calibration data has "
                        + data.inputs().keySet() + " only; give '" + input.name() + "' as well");
            }
            if (!fits(given.shape(), input.shape())) {
                throw new BadInputException(label + " takes " + input + ", but the calibration data for it is "
                        + Arrays.toString(given.shape()) + "; give data of that shape");
            }
        }
    }

    /** @throws BadInputException if calibration data is one number everywhere, which tells no ranges */
    static void checkVaried(Graph network, Items data) {
        for (ValueInfo input : network.inputs()) {
            float[] values = data.inputs().get(input.name()).data();
            for (float value : values) {
                if (value != values[0]) {
                    return;
                }
            }
        }
        String name = network.inputs().getFirst().name();
        FloatTensor given = data.inputs().get(name);
        if (given.data().length > 1) {
            throw new BadInputException("network '" + network.name() + "': the calibration data for '" + name
                    + "' is " + given.data()[0] + " everywhere, in all of its " + given.batch()
                    + " items, which tells no ranges; give real data, such as a few hundred images of those that the"
                    + " network will see");
        }
    }

    /** @throws BadInputException if what a branch or loop reads depends on the data; those known beforehand are gone by now */
    static void checkBranches(Graph network) {
        for (Node node : network.nodes()) {
            for (String tensor : node.captured()) {
                if (network.producer(tensor).isPresent()) {
                    throw new BadInputException("network '" + network.name() + "': node '" + node.label() + "' ("
                            + node.op() + ") decides while the network runs what becomes of tensor '" + tensor
                            + "', which cannot be quantized; export the network without that decision");
                }
            }
        }
    }

    /** The batch may be any: data is given to the network a batch at a time. */
    private static boolean fits(long[] given, long[] expected) {
        if (expected == null) {
            return true;
        }
        boolean fits = given.length == expected.length;
        for (int i = 1; fits && i < given.length; i++) {
            fits = expected[i] == ValueInfo.DYNAMIC || expected[i] == given[i];
        }
        return fits;
    }
}
