package dev.inlay.adapter;

import dev.inlay.model.Site;

/**
 * One tensor of an adapter by what it is; what a file calls it is the file format's business.
 *
 * @param site at which map
 * @param role which of the tensors there
 */
public record Slot(Site site, Role role) {
    @Override
    public String toString() {
        return site + " " + role;
    }
}
