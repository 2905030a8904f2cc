/** What tests and benchmarks of several modules share: networks that others trained, real inputs for them, and damaged files. */
package dev.limbeck.testing;
