@NullMarked
package dev.inlay.engine;

import org.jspecify.annotations.NullMarked;
