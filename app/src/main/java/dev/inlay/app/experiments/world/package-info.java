/**
 * The small world: texts whose truth is known exactly.
 *
 * <p>A grammar with probabilities ({@code world.grammar}) derives every text by a sequence of choices, and a text shows which
 * choices were made. So the labels of a text, the probability of a text and the entropy of all texts are known, not
 * estimated.
 *
 * <table>
 * <caption>Words of this package</caption>
 * <tr><td>{@link Grammar}</td><td>rules and tables</td></tr>
 * <tr><td>{@link Node}</td><td>a part of a rule; turns a {@link State} into the next one</td></tr>
 * <tr><td>{@link State}</td><td>what is still to be derived, and what the variables stand for</td></tr>
 * <tr><td>{@link Sampler}</td><td>draws a {@link Document} by chance</td></tr>
 * <tr><td>{@link Entropy}</td><td>averages over all derivations, exactly</td></tr>
 * <tr><td>{@link Predictor}</td><td>sums over all derivations that begin with a given text: the best possible model</td></tr>
 * <tr><td>{@link World}</td><td>facts: a function of a seed, a subject and a relation</td></tr>
 * </table>
 */
@NullMarked
package dev.inlay.app.experiments.world;

import org.jspecify.annotations.NullMarked;
