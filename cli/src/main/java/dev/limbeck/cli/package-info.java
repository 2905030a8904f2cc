/** The {@code limbeck} command. */
package dev.limbeck.cli;
