@NullMarked
package dev.inlay.training;

import org.jspecify.annotations.NullMarked;
