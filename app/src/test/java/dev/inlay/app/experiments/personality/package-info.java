@NullMarked
package dev.inlay.app.experiments.personality;

import org.jspecify.annotations.NullMarked;
