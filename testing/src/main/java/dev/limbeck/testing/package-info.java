/** What tests and benchmarks of several modules share: networks that others trained, real inputs for them, damaged files, and a browser. */
package dev.limbeck.testing;
