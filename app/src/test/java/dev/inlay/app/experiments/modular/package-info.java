@NullMarked
package dev.inlay.app.experiments.modular;

import org.jspecify.annotations.NullMarked;
