package dev.inlay.model.text;

/** An entry of {@code added_tokens} of a {@code tokenizer.json}. */
record AddedToken(int id, String content, boolean special) {}
