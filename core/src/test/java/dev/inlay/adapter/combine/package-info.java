@NullMarked
package dev.inlay.adapter.combine;

import org.jspecify.annotations.NullMarked;
