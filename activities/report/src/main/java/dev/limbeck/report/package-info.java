/** The results of a run as one HTML page. */
package dev.limbeck.report;
