/**
 * What a training run leaves on disk: its record, its metrics, its checkpoints, and how it goes on after being stopped.
 */
@NullMarked
package dev.inlay.training.run;

import org.jspecify.annotations.NullMarked;
