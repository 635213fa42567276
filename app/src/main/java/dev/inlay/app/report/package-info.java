/**
 * Pages about runs for people who would rather look: a run directory becomes one HTML file that opens without a network.
 * Sees the library and no command.
 */
@NullMarked
package dev.inlay.app.report;

import org.jspecify.annotations.NullMarked;
