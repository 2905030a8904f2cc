package dev.limbeck.schemas;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.regex.Pattern;

/**
 * Data of an event on {@code limbeck.requests}: a run that somebody wants.
 *
 * @param id of the request, and the record's key; however often it is sent, it is one request
 * @param spec the text of a spec, as a file would hold it; the path of its reference is passed over
 * @param reference digest of the trained network in the artifact store
 * @param data where workers find the data, instead of what the spec says; null to leave it at that
 * @param trainingClass class of the machines that are to train for the run; null for those without one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RequestEvent(String id, String spec, String reference, String data, String trainingClass) {

    private static final int LONGEST_ID = 200;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern CLASS = Pattern.compile("[a-z0-9][a-z0-9-]*");

    /** What is to be done. @throws BadInputException if there is something to mend */
    public Spec parsed() {
        if (id == null || id.isBlank() || id.length() > LONGEST_ID) {
            throw new BadInputException("a request has the id '" + id + "'; give 1 to " + LONGEST_ID + " characters");
        }
        if (spec == null || reference == null) {
            throw new BadInputException("request " + id + ": has no " + (spec == null ? "spec" : "reference"));
        }
        if (!DIGEST.matcher(reference).matches()) {
            throw new BadInputException(
                    "request " + id + ": its reference is no SHA-256 digest of 64 hexadecimal digits");
        }
        if (trainingClass != null && !CLASS.matcher(trainingClass).matches()) {
            throw new BadInputException(
                    "request " + id
                            + ": its trainingClass is no class; give lower-case letters, digits and hyphens, as 'limbeck worker gpu --class' does");
        }
        Spec parsed = Specs.parse(spec, "request " + id);
        if (parsed.quantize().stream().anyMatch(QuantizeSpec::hasTargetFile)) {
            throw new BadInputException(
                    "request " + id
                            + ": its target is the path of a file, which a request does not carry; name a target, or use 'limbeck submit'");
        }
        return data == null ? parsed : parsed.withData(data);
    }
}
