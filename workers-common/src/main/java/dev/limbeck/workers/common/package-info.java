/** What every worker process shares: connections, events, metrics, heartbeats. */
package dev.limbeck.workers.common;
