/** The process that trains: Temporal activities as thin adapters over the learning libraries. */
package dev.limbeck.workers.gpu;
