@NullMarked
package dev.inlay.adapter.peft;

import org.jspecify.annotations.NullMarked;
