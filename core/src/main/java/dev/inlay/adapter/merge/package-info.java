/** Writes the model that a base and an adapter make together, as a model directory of its own. */
@NullMarked
package dev.inlay.adapter.merge;

import org.jspecify.annotations.NullMarked;
