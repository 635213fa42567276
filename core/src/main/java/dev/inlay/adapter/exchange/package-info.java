/** Adapters of other tools: what fits and who accepts it, and conversion from and to their layouts. */
@NullMarked
package dev.inlay.adapter.exchange;

import org.jspecify.annotations.NullMarked;
