package dev.inlay.adapter.twin;

import java.util.Set;

/**
 * What queries, keys and values of the adapted side are made of. W is a map, D its change, x what the base side gives to it
 * and x' what the adapted side does; each share is taken after norms of heads and after rotation. The first three add up to
 * the adapted side's own vector, in this order where a norm makes shares depend on it.
 */
public enum Share {
    /** {@code W x}: the base's own. */
    BASE,
    /** {@code W x' - W x}: what changes because earlier layers changed the input. */
    INDIRECT,
    /** {@code (W + D) x' - W x'}: what the map's own change adds. */
    DIRECT,
    /** {@code (W + D) x - W x}: what the map's own change would add on the base's input. */
    DIRECT_ON_BASE;

    /** Of the adapted side's vector. */
    public static final Set<Share> ADAPTED = Set.of(BASE, INDIRECT, DIRECT);
}
