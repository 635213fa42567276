@NullMarked
package dev.inlay.dynamics;

import org.jspecify.annotations.NullMarked;
