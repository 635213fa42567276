package dev.inlay.adapter;

import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;

/** What acts where a gate says, and can be told to act elsewhere. */
interface Gated extends Intervention {
    Gated with(Gate other);
}
