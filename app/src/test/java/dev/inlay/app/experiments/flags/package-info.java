@NullMarked
package dev.inlay.app.experiments.flags;

import org.jspecify.annotations.NullMarked;
