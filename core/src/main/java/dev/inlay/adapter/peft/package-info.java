/**
 * Exchange with Hugging Face PEFT: adapter directories that its Python library wrote, and that it can read.
 *
 * <p>The reader is strict where the Python library warns and carries on: a key that changes the mathematics and is not
 * supported, a tensor nobody asked for, or a module without tensors ends the reading with an error that names it.
 *
 * <table>
 * <caption>Names</caption>
 * <tr><th>ours</th><th>PEFT</th></tr>
 * <tr><td>{@code down}, [rank, in]</td><td>{@code lora_A}</td></tr>
 * <tr><td>{@code up}, [out, rank]</td><td>{@code lora_B}</td></tr>
 * <tr><td>{@link dev.inlay.adapter.peft.Selection}</td><td>{@code target_modules}, {@code exclude_modules}, {@code
 * layers_to_transform}, {@code layers_pattern}</td></tr>
 * <tr><td>{@link dev.inlay.adapter.peft.Ranks}</td><td>{@code r}, {@code lora_alpha}, {@code rank_pattern}, {@code
 * alpha_pattern}, {@code use_rslora}</td></tr>
 * </table>
 */
@NullMarked
package dev.inlay.adapter.peft;

import org.jspecify.annotations.NullMarked;
