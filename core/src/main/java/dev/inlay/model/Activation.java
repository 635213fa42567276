package dev.inlay.model;

/**
 * One named value of a pass.
 *
 * @param layer from 0; 0 for the embeddings and the number of layers for the final norm, which are in no layer
 * @param stream which value
 * @param row number of the row for values that exist once per row, else 0
 */
public record Activation(int layer, Stream stream, int row) {}
