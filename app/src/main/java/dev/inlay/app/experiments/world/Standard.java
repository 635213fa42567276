package dev.inlay.app.experiments.world;

import java.util.List;

/**
 * Moves and scales dense features so that over some texts each column has mean 0 and variance 1; a column that never
 * changes becomes 0.
 */
final class Standard {
    private final double[] mean;
    private final double[] scale;

    /** @param texts what mean and variance are taken over, at least one */
    Standard(List<Features> texts) {
        int columns = texts.get(0).values().length;
        mean = new double[columns];
        scale = new double[columns];
        for (Features text : texts) {
            for (int c = 0; c < columns; c++) {
                mean[c] += text.values()[c] / texts.size();
            }
        }
        for (Features text : texts) {
            for (int c = 0; c < columns; c++) {
                double off = text.values()[c] - mean[c];
                scale[c] += off * off / texts.size();
            }
        }
        for (int c = 0; c < columns; c++) {
            scale[c] = scale[c] == 0 ? 0 : 1 / Math.sqrt(scale[c]);
        }
    }

    List<Features> of(List<Features> texts) {
        return texts.stream().map(this::of).toList();
    }

    private Features of(Features text) {
        double[] values = new double[mean.length];
        for (int c = 0; c < values.length; c++) {
            values[c] = (text.values()[c] - mean[c]) * scale[c];
        }
        return new Features(text.columns(), values);
    }
}
