package dev.limbeck.cli;

import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.DeviceState.State;
import dev.limbeck.schemas.Spec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Says when a device that a run may need takes no tasks, and why, and when it does again: else a run that waits for it seems to hang. */
final class DeviceNews implements Consumer<DeviceState> {

    private static final List<String> UNWELL = List.of(State.HOT.label(), State.QUARANTINED.label());

    private final Set<String> classes;
    private final Consumer<String> say;
    private final Map<String, String> unwell = new HashMap<>();

    DeviceNews(Spec spec, Consumer<String> say) {
        classes = spec.scenarios().stream().map(Spec.Scenario::device).collect(Collectors.toSet());
        this.say = say;
    }

    @Override
    public void accept(DeviceState device) {
        if (!classes.contains(device.deviceClass())) {
            return;
        }
        String name = "device %s of class '%s'".formatted(device.id(), device.deviceClass());
        if (!UNWELL.contains(device.state())) {
            if (unwell.remove(device.id()) != null) {
                say.accept(name + " takes tasks again");
            }
        } else if (!device.state().equals(unwell.put(device.id(), device.state()))) {
            say.accept("%s is %s and takes no tasks until it is well: %s"
                    .formatted(name, device.state(), device.reason()));
        }
    }
}
