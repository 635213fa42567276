/** What real models do to tokens: their states and attention weights, layer by layer, with and without an adapter. */
@NullMarked
package dev.inlay.app.experiments.layers;

import org.jspecify.annotations.NullMarked;
