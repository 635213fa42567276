@NullMarked
package dev.inlay.adapter.gguf;

import org.jspecify.annotations.NullMarked;
