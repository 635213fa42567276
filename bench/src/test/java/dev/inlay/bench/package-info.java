@NullMarked
package dev.inlay.bench;

import org.jspecify.annotations.NullMarked;
