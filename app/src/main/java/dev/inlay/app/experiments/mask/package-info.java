/** What the gate of an adapter costs and protects: questions about masks as experiments that a user can run. */
@NullMarked
package dev.inlay.app.experiments.mask;

import org.jspecify.annotations.NullMarked;
