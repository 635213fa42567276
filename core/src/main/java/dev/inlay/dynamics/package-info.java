/**
 * Tokens as interacting particles: layers are time, attention is the interaction, a LoRA change perturbs the flow. Plain
 * Java on float64; sees no other package of the library.
 *
 * <p>Tokens are stored row-major, [tokens, dimension]. Matrices act on columns: a value matrix V sends x to V x.
 *
 * <table>
 * <caption>Names</caption>
 * <tr><th>ours</th><th>symbol</th><th>source</th></tr>
 * <tr><td>score form</td><td>A = Q'K, s_ij = x_i' A x_j</td><td>arXiv 2305.05465; its scripts call the root of A "A"</td></tr>
 * <tr><td>value matrix</td><td>V</td><td>arXiv 2305.05465</td></tr>
 * <tr><td>inverse temperature</td><td>beta</td><td>arXiv 2312.10794</td></tr>
 * <tr><td>rescaled tokens</td><td>z_i = exp(-tV) x_i</td><td>arXiv 2305.05465, eq. (1.3)</td></tr>
 * <tr><td>leader</td><td>token with P_ii = 1</td><td>arXiv 2305.05465, section 4; arXiv 2407.01602</td></tr>
 * <tr><td>clustering time, bifurcation time</td><td>T_clus, T_bif</td><td>arXiv 2402.15415v1</td></tr>
 * </table>
 */
@NullMarked
package dev.inlay.dynamics;

import org.jspecify.annotations.NullMarked;
