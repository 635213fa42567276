package dev.inlay.adapter.twin;

/** One of the products that a score is the sum of: that of a share of the query with a share of the key. */
public record Term(Share query, Share key) {}
