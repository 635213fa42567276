@NullMarked
package dev.inlay.model;

import org.jspecify.annotations.NullMarked;
