package dev.inlay.model.text;

/**
 * One turn of a conversation.
 *
 * @param role who speaks, in the template's words: usually system, user or assistant
 * @param content what is said
 */
public record Message(String role, String content) {}
