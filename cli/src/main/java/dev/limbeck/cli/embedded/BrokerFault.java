package dev.limbeck.cli.embedded;

/**
 * Why a broker cannot go on.
 *
 * @param message what happened and what to do, for people
 * @param mendable whether the user must mend something, such as a full disk
 */
public record BrokerFault(String message, boolean mendable) {}
