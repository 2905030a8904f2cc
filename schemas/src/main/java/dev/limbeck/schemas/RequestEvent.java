package dev.limbeck.schemas;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Data of an event on {@code limbeck.requests}: a run that somebody wants.
 *
 * @param id of the request, and the record's key; however often it is sent, it is one request
 * @param spec the text of a spec, as a file would hold it; the path of its reference is passed over
 * @param reference digest of the trained network in the artifact store
 * @param data where workers find the data, instead of what the spec says; null to leave it at that
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RequestEvent(String id, String spec, String reference, String data) {

    /** What is to be done. @throws BadInputException if there is something to mend in the spec */
    public Spec parsed() {
        Spec parsed = Specs.parse(spec, "request " + id);
        return data == null ? parsed : parsed.withData(data);
    }
}
