/** What experiments share: means over seeds with their intervals. */
@NullMarked
package dev.inlay.app.experiments;

import org.jspecify.annotations.NullMarked;
