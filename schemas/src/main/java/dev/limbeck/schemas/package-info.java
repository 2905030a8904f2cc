/** What rooms say to one another: the spec, the records, the events, progress, and what a user must mend. */
package dev.limbeck.schemas;
