/** Weighted sums of adapters, of as many ranks as one wants, written as adapters of their own. */
@NullMarked
package dev.inlay.adapter.combine;

import org.jspecify.annotations.NullMarked;
