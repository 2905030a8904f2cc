package dev.limbeck.workers.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.schemas.Results;
import dev.limbeck.workflows.Measured;
import dev.limbeck.workflows.ReportRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The machines that measured, as their measurements say. */
final class Machines {

    private Machines() {}

    static List<Results.Machine> of(Artifacts artifacts, ReportRequest request) {
        Map<String, Results.Machine> machines = new LinkedHashMap<>();
        request.measured().values().stream()
                .flatMap(outcome -> outcome.measured().stream())
                .forEach(measured ->
                        machines.computeIfAbsent(measured.device(), device -> machine(artifacts, measured)));
        return List.copyOf(machines.values());
    }

    private static Results.Machine machine(Artifacts artifacts, Measured measured) {
        JsonNode whole = artifacts.getJson(measured.record(), JsonNode.class);
        JsonNode state = whole.path("after");
        List<String> flags = new ArrayList<>();
        state.path("cpuFlags").forEach(flag -> flags.add(flag.asText()));
        JsonNode runtime = whole.path("runtime");
        return new Results.Machine(
                measured.device(),
                state.path("cpuModel").asText(),
                flags,
                state.path("cores").asInt(),
                text(state.path("governor")),
                number(state.path("megahertz")),
                number(state.path("temperatureCelsius")),
                number(state.path("load")),
                state.path("memoryBytes").asLong() >> 20,
                state.path("operatingSystem").asText(),
                state.path("jvm").asText(),
                runtime.path("name").asText() + " " + runtime.path("version").asText());
    }

    private static String text(JsonNode node) {
        return node.isTextual() ? node.asText() : null;
    }

    private static Double number(JsonNode node) {
        return node.isNumber() ? (Double) node.asDouble() : null;
    }
}
