/** What quantization and compression do to a network, layer by layer, and why: everything that the page of {@code limbeck analyze} shows. */
package dev.limbeck.analyze;
