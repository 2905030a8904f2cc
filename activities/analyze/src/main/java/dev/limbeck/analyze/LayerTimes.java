package dev.limbeck.analyze;

import dev.limbeck.analyze.Analysis.LayerTime;
import dev.limbeck.analyze.Analysis.NodeTime;
import dev.limbeck.analyze.Analysis.Speed;
import dev.limbeck.graph.Graph;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.MachineState;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.NodeProfile;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where the time of one query goes, in floats and in integers, layer by layer. */
final class LayerTimes {

    private static final int RUNS = 200;

    private final Graph network;
    private final NodeGroups groups;
    private final Map<String, Long> macs;
    private final SessionOptions session;
    private final LatencyMeasurer measurer;

    /** @param macs of each layer, by its name; empty where shapes are not known */
    LayerTimes(
            Graph network,
            NodeGroups groups,
            Map<String, Long> macs,
            SessionOptions session,
            LatencyMeasurer measurer) {
        this.network = network;
        this.groups = groups;
        this.macs = macs;
        this.session = session;
        this.measurer = measurer;
    }

    /** @param item a query */
    Speed measure(Graph quantized, Items item, Progress progress) {
        List<LatencyMeasurement> latencies = measurer.measureInterleaved(
                List.of(network, quantized), item.inputs(), session, LatencyProtocol.standard(), progress);
        progress.report("profile", 0, 2, "float");
        Map<String, List<NodeTime>> floats = profile(network, item);
        progress.report("profile", 1, 2, "quantized");
        Map<String, List<NodeTime>> integers = profile(quantized, item);
        progress.report("profile", 2, 2, "");
        MachineState machine = latencies.getLast().after();
        SlowLayers slow = new SlowLayers(machine, macs);
        List<LayerTime> layers = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>(integers.keySet());
        names.removeAll(groups.heads().keySet()); // of inputs
        names.addAll(groups.heads().keySet());
        for (String name : names) {
            if (floats.containsKey(name) || integers.containsKey(name)) {
                layers.add(slow.explained(
                        name,
                        groups.heads().get(name),
                        floats.getOrDefault(name, List.of()),
                        integers.getOrDefault(name, List.of())));
            }
        }
        return new Speed(
                machine.cpuModel(),
                machine.cpuFlags(),
                slow.hasFastProducts(),
                session.threads(),
                latencies.getFirst().p50Millis(),
                latencies.getLast().p50Millis(),
                latencies.stream().allMatch(LatencyMeasurement::valid),
                KernelCoverage.of(quantized, session).share(),
                layers,
                slow.reasons());
    }

    private Map<String, List<NodeTime>> profile(Graph graph, Items item) {
        List<NodeProfile.NodeTime> nodes = NodeProfile.of(graph, item.inputs(), RUNS, session);
        List<String> layers =
                groups.layersOf(nodes.stream().map(NodeProfile.NodeTime::node).toList());
        Map<String, List<NodeTime>> times = new LinkedHashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            times.computeIfAbsent(layers.get(i), l -> new ArrayList<>())
                    .add(new NodeTime(nodes.get(i).op(), nodes.get(i).micros()));
        }
        return times;
    }
}
