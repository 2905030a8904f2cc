/** What tests and benchmarks of several modules share: networks that others trained, and real inputs for them. */
package dev.limbeck.testing;
