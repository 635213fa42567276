package dev.inlay.adapter;

import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;

/** What acts where a gate says, and can be told to act elsewhere. */
public interface Gated extends Intervention {
    /** The same, acting elsewhere. */
    Gated with(Gate other);
}
