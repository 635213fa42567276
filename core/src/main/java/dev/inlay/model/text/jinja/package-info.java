/**
 * The part of the Jinja template language that chat templates use, with Python's meaning of values.
 *
 * <p>Templates are programs from strangers. This interpreter knows text, numbers, booleans, none, lists, dictionaries and
 * its own functions, and nothing else: no Java object or class can be named. Steps, time, depth and the amount of text
 * are bounded ({@link dev.inlay.model.text.jinja.Budget}).
 *
 * <p>{@link dev.inlay.model.text.jinja.Lexer} cuts the source into tokens, {@link
 * dev.inlay.model.text.jinja.TemplateParser} and {@link dev.inlay.model.text.jinja.ExpressionParser} turn them into
 * {@link dev.inlay.model.text.jinja.Statement}s and {@link dev.inlay.model.text.jinja.Expression}s, which run in a
 * {@link dev.inlay.model.text.jinja.Frame}.
 */
@NullMarked
package dev.inlay.model.text.jinja;

import org.jspecify.annotations.NullMarked;
