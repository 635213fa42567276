@NullMarked
package dev.inlay.adapter.merge;

import org.jspecify.annotations.NullMarked;
