/**
 * What adapters change: sizes, spectra and directions, and how alike they are. Everything is found from the factors in
 * float64; no dense change is ever made.
 *
 * <table>
 * <caption>Names</caption>
 * <tr><th>ours</th><th>symbol</th><th>source</th></tr>
 * <tr><td>energy</td><td>squared Frobenius norm of a change</td><td></td></tr>
 * <tr><td>stable rank</td><td>energy / largest singular value squared</td><td>Rudelson and Vershynin 2007</td></tr>
 * <tr><td>entropy rank</td><td>exp of the entropy of the singular values</td><td>Roy and Vetterli 2007, "effective rank"</td></tr>
 * <tr><td>principal angles</td><td>theta_k</td><td>Bjoerck and Golub 1973</td></tr>
 * </table>
 */
@NullMarked
package dev.inlay.analysis;

import org.jspecify.annotations.NullMarked;
