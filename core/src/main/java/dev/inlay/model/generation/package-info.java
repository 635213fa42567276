/** From prompts to text: which token comes next, when a row ends, and what of it is shown while it grows. */
@NullMarked
package dev.inlay.model.generation;

import org.jspecify.annotations.NullMarked;
