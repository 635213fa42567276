@NullMarked
package dev.inlay.adapter;

import org.jspecify.annotations.NullMarked;
