package dev.limbeck.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.limbeck.measure.MachineState;
import dev.limbeck.measure.Tuning;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code limbeck tune} writes: settings of ONNX Runtime, and all that is needed to judge them.
 *
 * @param model digest of the network that they are for
 * @param batch items of a query
 * @param faster whether they are other than the defaults
 */
record TunedSettings(
        String model,
        long batch,
        String runtime,
        MachineState machine,
        boolean faster,
        SessionOptions settings,
        SessionOptions defaults,
        Tuning.Confirmation confirmation,
        List<Tuning.Trial> tried) {

    static TunedSettings of(String model, long batch, Tuning tuning) {
        return new TunedSettings(
                model,
                batch,
                RuntimeVersion.current().toString(),
                MachineState.read(),
                tuning.isFaster(),
                tuning.settings(),
                tuning.defaults(),
                tuning.confirmation(),
                tuning.tried());
    }

    /** The settings of such a file; those that it leaves out are the defaults. @throws BadInputException if it holds none */
    static SessionOptions read(Path file, ObjectMapper json) {
        try {
            JsonNode given = json.readTree(Files.readString(file)).path("settings");
            if (!given.isObject()) {
                throw new BadInputException(
                        file + ": has no \"settings\"; give a file that 'limbeck tune -o' has written");
            }
            ObjectNode settings = json.valueToTree(SessionOptions.defaults());
            settings.setAll((ObjectNode) given);
            return json.treeToValue(settings, SessionOptions.class);
        } catch (JsonProcessingException e) {
            throw new BadInputException(
                    file + ": " + e.getOriginalMessage() + "; give a file that 'limbeck tune -o' has written", e);
        } catch (IOException e) {
            throw new BadInputException(
                    file + " cannot be read (" + e + "); give a file that 'limbeck tune' has written", e);
        }
    }
}
