/** Artifacts under their digests, and results remembered under the digest of what they were made from. */
package dev.limbeck.store;
