@NullMarked
package dev.inlay.model.files;

import org.jspecify.annotations.NullMarked;
