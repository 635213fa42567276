/** GGUF adapters, as llama.cpp reads them: the container, and what our adapters are in it. */
@NullMarked
package dev.inlay.adapter.gguf;

import org.jspecify.annotations.NullMarked;
