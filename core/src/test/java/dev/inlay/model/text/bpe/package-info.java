@NullMarked
package dev.inlay.model.text.bpe;

import org.jspecify.annotations.NullMarked;
