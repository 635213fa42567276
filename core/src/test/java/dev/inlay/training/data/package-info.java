@NullMarked
package dev.inlay.training.data;

import org.jspecify.annotations.NullMarked;
