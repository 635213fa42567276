/**
 * Benchmarks of whole runs: Inlay beside transformers and peft, and beside what the machine can do at most.
 *
 * <p>{@link dev.inlay.bench.Comparison} starts everything else in processes of its own: {@link
 * dev.inlay.bench.MachineCeiling}, {@link dev.inlay.bench.TrainingJob}, {@link dev.inlay.bench.GenerationJob}, {@link
 * dev.inlay.bench.BusyNeighbour} and the scripts in {@code tools/baseline}.
 */
@NullMarked
package dev.inlay.bench;

import org.jspecify.annotations.NullMarked;
