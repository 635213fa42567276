/**
 * Mutation fuzzing: seeds are damaged, a reader reads them, and nothing but a named error may come out.
 *
 * <p>{@link dev.inlay.fuzz.FuzzTest} runs a fixed number of mutants of fixed seeds; {@link dev.inlay.fuzz.Fuzz} runs as many
 * as one likes, each reader in a process of its own.
 */
@NullMarked
package dev.inlay.fuzz;

import org.jspecify.annotations.NullMarked;
