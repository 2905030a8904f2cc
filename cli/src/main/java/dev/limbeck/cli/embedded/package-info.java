/** Temporal and Kafka inside this process, so that a laptop needs a JDK and Maven and nothing else. */
package dev.limbeck.cli.embedded;
