/** Latency by MLPerf's rules, which kernels are integer, and the state of the machine. */
package dev.limbeck.measure;
