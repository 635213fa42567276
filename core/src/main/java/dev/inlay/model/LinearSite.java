package dev.inlay.model;

/**
 * Where a linear map lies in a family's checkpoint.
 *
 * @param site which map
 * @param path dotted module path, as Hugging Face names it; the weight is {@code path + ".weight"}
 * @param in width of the input
 * @param out width of the output
 * @param storedTransposed whether the file holds the weight as [in, out] (GPT-2's Conv1D) and not as [out, in]
 * @param biased whether there is a bias
 */
public record LinearSite(Site site, String path, int in, int out, boolean storedTransposed, boolean biased) {
    /** Shape of the weight in the file. */
    public long[] storedShape() {
        return storedTransposed ? new long[] {in, out} : new long[] {out, in};
    }

    String weight() {
        return path + ".weight";
    }

    String bias() {
        return path + ".bias";
    }
}
