/**
 * Learns a byte-level byte-pair tokenizer from text and writes it as Hugging Face lays it out.
 *
 * <p>Byte-pair encoding: Gage 1994; for subwords Sennrich, Haddow, Birch 2016 (arXiv 1508.07909); over bytes and with the
 * rule that splits a text into words: Radford et al. 2019 (GPT-2). Encoding is done by {@link dev.inlay.model.text.Tokenizer},
 * which reads the files written here.
 */
@NullMarked
package dev.inlay.model.text.bpe;

import org.jspecify.annotations.NullMarked;
