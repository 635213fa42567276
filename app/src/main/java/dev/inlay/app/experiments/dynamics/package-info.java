/** Simulations of tokens as particles, from settings to directories of results. Sees {@code dev.inlay.dynamics}. */
@NullMarked
package dev.inlay.app.experiments.dynamics;

import org.jspecify.annotations.NullMarked;
