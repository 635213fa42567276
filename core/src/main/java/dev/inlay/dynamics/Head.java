package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

/**
 * One attention head.
 *
 * @param score A, [dimension, dimension]: token i scores token j with x_i' A x_j; A = Q'K
 * @param value V, [dimension, dimension]
 */
public record Head(Matrix score, Matrix value) {
    public Head {
        require(
                score.rows() == score.columns() && value.rows() == value.columns() && score.rows() == value.rows(),
                "score form and value matrix are square and of one size, found %d x %d and %d x %d",
                score.rows(),
                score.columns(),
                value.rows(),
                value.columns());
    }

    /** A head from queries and keys, both [head, dimension]. */
    public static Head of(Matrix query, Matrix key, Matrix value) {
        return new Head(query.transpose().times(key), value);
    }

    /** A = V = I. */
    public static Head identity(int dimension) {
        return new Head(Matrix.identity(dimension), Matrix.identity(dimension));
    }

    public int dimension() {
        return score.rows();
    }
}
