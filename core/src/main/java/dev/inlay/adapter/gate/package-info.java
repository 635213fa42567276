/**
 * Rules that say on which tokens an adapter acts: from a trigger on, from the response on, where a row says so. Each is a
 * {@link dev.inlay.model.Gate}, a value that is stored with the adapter.
 */
@NullMarked
package dev.inlay.adapter.gate;

import org.jspecify.annotations.NullMarked;
