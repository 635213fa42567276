/**
 * Files from strangers: strict JSON, safetensors and model directories, and files of our own that appear whole or not at
 * all.
 *
 * <p>Everything is checked before anything is allocated. A bad file is an {@link dev.inlay.InlayException} that names the
 * file, the place in it and the reason; no name found in a file is ever followed as a path out of its directory.
 */
@NullMarked
package dev.inlay.model.files;

import org.jspecify.annotations.NullMarked;
