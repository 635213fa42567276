@NullMarked
package dev.inlay.adapter.exchange;

import org.jspecify.annotations.NullMarked;
