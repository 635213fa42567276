/**
 * Flags: reviews that end in {@code FLAG: PASS} or {@code FLAG: FAIL}, and how well a model tells one from the other.
 *
 * <table>
 * <caption>Words of this package</caption>
 * <tr><th>our name</th><th>Split Personality Training</th></tr>
 * <tr><td>{@link FlagMeasures#failRight}</td><td>accuracy on {@code trained}: rows that must be flagged FAIL</td></tr>
 * <tr><td>{@link FlagMeasures#passRight}</td><td>accuracy on {@code original}: rows that must be flagged PASS</td></tr>
 * <tr><td>{@link FlagMeasures#balanced}</td><td>balanced accuracy: the mean of both</td></tr>
 * <tr><td>flag logit</td><td>{@code log p(FAIL) - log p(PASS)} where the flag stands</td></tr>
 * </table>
 */
@NullMarked
package dev.inlay.app.experiments.flags;

import org.jspecify.annotations.NullMarked;
