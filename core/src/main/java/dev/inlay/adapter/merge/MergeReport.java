package dev.inlay.adapter.merge;

import java.nio.file.Path;

/**
 * What a merge wrote.
 *
 * @param directory the merged model
 * @param changed weights that the adapter changed
 * @param tensors all tensors
 * @param bytes of all tensors
 * @param untied whether the head became a tensor of its own
 * @param drift how the merged model differs from base and adapter
 */
public record MergeReport(Path directory, int changed, int tensors, long bytes, boolean untied, Drift drift) {}
