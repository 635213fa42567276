/**
 * From a text or JSONL file to the units of work of a trainer.
 *
 * <pre>
 * file or directory --DataSource, RowReader--> Dataset of Rows --Split--> training and evaluation rows
 * Dataset --Encoder--> Example (ids + loss mask) --Fit--> examples that fit the model, with a DataReport
 * Examples --Units--> Step: the units of one optimiser step, by (seed, epoch) and arithmetic alone
 * </pre>
 *
 * <p>Nothing here is padded and nothing is lost in silence: every row is trained on, or counted with the reason why not.
 */
@NullMarked
package dev.inlay.training.data;

import org.jspecify.annotations.NullMarked;
