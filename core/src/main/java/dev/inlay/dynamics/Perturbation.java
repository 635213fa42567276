package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a LoRA adapter does to one head. Queries, keys, values and output may change, or the score form directly.
 *
 * @param query change of Q, or null
 * @param key change of K, or null
 * @param score change of A itself, or null; not together with one of Q or K
 * @param value change of V, or null
 * @param output change of W_O, whose product with V is the value matrix of the flow, or null
 */
public record Perturbation(
        @Nullable LowRankChange query,
        @Nullable LowRankChange key,
        @Nullable LowRankChange score,
        @Nullable LowRankChange value,
        @Nullable LowRankChange output) {
    public Perturbation {
        require(score == null || (query == null && key == null), "A is changed directly or through Q and K, not both");
    }

    public static Perturbation ofValue(LowRankChange value) {
        return new Perturbation(null, null, null, value, null);
    }

    public static Perturbation ofScore(LowRankChange score) {
        return new Perturbation(null, null, score, null, null);
    }

    public static Perturbation ofQueryAndKey(@Nullable LowRankChange query, @Nullable LowRankChange key) {
        return new Perturbation(query, key, null, null, null);
    }

    /**
     * The changed head. Where Q and K are changed the base is taken with K = I, Q' = A, unless {@link #apply(Matrix,
     * Matrix, Matrix, Matrix)} gives them.
     */
    public Head apply(Head base) {
        Matrix identity = Matrix.identity(base.dimension());
        return query == null && key == null
                ? new Head(changed(base.score(), score), through(identity, base.value()))
                : apply(base.score().transpose(), identity, base.value(), identity);
    }

    /**
     * The changed head of given projections: A = (Q + dQ)'(K + dK), V = (W_O + dW_O)(V + dV).
     *
     * @param query Q, [head, d]
     * @param key K, [head, d]
     * @param value V, [head, d]
     * @param output W_O, [d, head]
     */
    public Head apply(Matrix query, Matrix key, Matrix value, Matrix output) {
        Matrix form = changed(query, this.query).transpose().times(changed(key, this.key));
        return new Head(changed(form, score), through(output, value));
    }

    private Matrix through(Matrix output, Matrix value) {
        Matrix product = changed(value, this.value);
        Matrix out = changed(output, this.output);
        return out.isIdentity() ? product : out.times(product);
    }

    private static Matrix changed(Matrix base, @Nullable LowRankChange change) {
        return change == null ? base : base.plus(change.matrix());
    }

    /**
     * The heads that an adapter makes of one layer's weights, as a model stores them; positions (RoPE) play no part.
     *
     * @param query [heads x size, d]
     * @param key [kv heads x size, d]; each serves heads / kv heads query heads
     * @param value [kv heads x size, d]
     * @param output [d, heads x size]
     * @param heads number of query heads
     * @return for each head A_h = W_Q,h' W_K,h / sqrt(size) and V_h = W_O[:, h] W_V[h, :]
     */
    public static List<Head> heads(Matrix query, Matrix key, Matrix value, Matrix output, int heads) {
        require(
                heads > 0 && query.rows() % heads == 0,
                "%d rows of queries cannot be shared by %d heads",
                query.rows(),
                heads);
        int size = query.rows() / heads;
        int groups = key.rows() / size;
        require(
                groups > 0 && heads % groups == 0 && key.rows() == value.rows() && output.columns() == query.rows(),
                "queries %d x %d, keys %d, values %d and output %d columns do not belong to one attention of %d heads",
                query.rows(),
                query.columns(),
                key.rows(),
                value.rows(),
                output.columns(),
                heads);
        return IntStream.range(0, heads)
                .mapToObj(h -> {
                    int group = h / (heads / groups);
                    Matrix score = query.rowsFrom(h * size, size)
                            .transpose()
                            .times(key.rowsFrom(group * size, size))
                            .times(1 / Math.sqrt(size));
                    Matrix out = output.transpose().rowsFrom(h * size, size).transpose();
                    return new Head(score, out.times(value.rowsFrom(group * size, size)));
                })
                .toList();
    }
}
