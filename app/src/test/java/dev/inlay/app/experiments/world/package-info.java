@NullMarked
package dev.inlay.app.experiments.world;

import org.jspecify.annotations.NullMarked;
