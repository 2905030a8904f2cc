/** Stand-ins for tests of workers. */
package dev.limbeck.workers.common.testing;
