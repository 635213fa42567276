@NullMarked
package dev.inlay.app.experiments.layers;

import org.jspecify.annotations.NullMarked;
