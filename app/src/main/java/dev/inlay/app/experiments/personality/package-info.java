/**
 * Data of Split Personality Training: reviews of a model's own answers that a second personality writes.
 *
 * <p>Source: github.com/FlorianDietz/SplitPersonalityTraining (data), arXiv 2602.05532 (paper); the published loader is
 * github.com/HelenaCasademunt/SplitPersonalityTraining, training/scripts/data.
 *
 * <table>
 * <caption>Words of this package</caption>
 * <tr><th>our name</th><th>their field</th></tr>
 * <tr><td>{@link Sample#system}</td><td>A (neutral) or B (biased)</td></tr>
 * <tr><td>{@link Sample#task}</td><td>T</td></tr>
 * <tr><td>{@link Sample#answer}</td><td>S</td></tr>
 * <tr><td>{@link Sample#intervention}</td><td>I</td></tr>
 * <tr><td>{@link Sample#review}</td><td>R</td></tr>
 * <tr><td>{@link Sample#verdict}</td><td>P; with the text before it, the flag F</td></tr>
 * <tr><td>{@link Layout}</td><td>elicitation type: hp, up, ur</td></tr>
 * <tr><td>token</td><td>split-personality token, SP</td></tr>
 * </table>
 */
@NullMarked
package dev.inlay.app.experiments.personality;

import org.jspecify.annotations.NullMarked;
