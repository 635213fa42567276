package dev.inlay.app.experiments.modular;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;

/**
 * Projections on what is orthogonal to the leading singular vectors u1, v1 of a map. (The theory has u1 for a symmetric V,
 * where u1 = v1; trained maps are not symmetric.)
 *
 * @param left I - u1 u1'
 * @param right I - v1 v1'
 */
record LeadingDirections(Tensor left, Tensor right) {
    static LeadingDirections of(Tensor map) {
        Svd svd = Svd.of(map);
        long d = map.size(0);
        Tensor u = svd.left().narrow(1, 0, 1);
        Tensor v = svd.right().narrow(0, 0, 1);
        return new LeadingDirections(
                identity(d, map.dtype()).minus(u.matmul(u.transposed())),
                identity(d, map.dtype()).minus(v.transposed().matmul(v)));
    }

    private static Tensor identity(long d, DType type) {
        Tensor identity = Tensor.zeros(type, Device.CPU, d, d);
        for (long k = 0; k < d; k++) {
            identity.narrow(0, k, 1).narrow(1, k, 1).fill(1);
        }
        return identity;
    }

    /** The change without what reads or writes the leading directions. */
    Tensor removedFrom(Tensor change) {
        return left.matmul(change).matmul(right);
    }
}
