/**
 * A text read by two sides at once, as the base reads it and as an adapted model does, and adapters whose tokens choose
 * which side's keys and values they read.
 */
@NullMarked
package dev.inlay.adapter.twin;

import org.jspecify.annotations.NullMarked;
