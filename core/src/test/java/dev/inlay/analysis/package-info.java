@NullMarked
package dev.inlay.analysis;

import org.jspecify.annotations.NullMarked;
