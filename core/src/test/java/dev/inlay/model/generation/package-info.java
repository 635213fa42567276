@NullMarked
package dev.inlay.model.generation;

import org.jspecify.annotations.NullMarked;
