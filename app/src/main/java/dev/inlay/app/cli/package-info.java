/** The command line: one class per command; commands parse, call the library and print. */
@NullMarked
package dev.inlay.app.cli;

import org.jspecify.annotations.NullMarked;
