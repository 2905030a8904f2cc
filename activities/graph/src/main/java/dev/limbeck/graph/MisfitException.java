package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;

/** The weights of a layer are for other inputs than come in. Its message says nothing of sizes that do not matter to that. */
final class MisfitException extends BadInputException {

    private static final long serialVersionUID = 1L;

    MisfitException(String message) {
        super(message);
    }
}
