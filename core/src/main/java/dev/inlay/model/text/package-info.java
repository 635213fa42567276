/**
 * Text to token ids and back, and chat templates.
 *
 * <p>Tokenisation itself is done by the Hugging Face tokenizers library; this package guards it. That library ends the
 * whole process on some malformed files, so a file is checked part by part before it is handed over, and what is not
 * known to be safe is refused by name.
 */
@NullMarked
package dev.inlay.model.text;

import org.jspecify.annotations.NullMarked;
