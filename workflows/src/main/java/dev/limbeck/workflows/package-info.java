/**
 * Temporal workflows and the activity interfaces they call. Deterministic code only: whatever computes is an activity, and what
 * travels are digests and small records.
 */
package dev.limbeck.workflows;
