@NullMarked
package dev.inlay.app.experiments.dynamics;

import org.jspecify.annotations.NullMarked;
