/**
 * Modular addition, then LoRA on modular subtraction: how fast a transformer forgets the first while it is tuned on the
 * second, and whether depth matters (arXiv 2402.15415; the protocol with matched accuracies and controls is ours).
 *
 * <p>Hidden states lie as [width, position, pair], so that every operation runs over all pairs at once.
 */
@NullMarked
package dev.inlay.app.experiments.modular;

import org.jspecify.annotations.NullMarked;
