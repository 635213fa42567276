package dev.inlay.app.cli;

import dev.inlay.adapter.peft.Allowance;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** What a user states to know better about. */
final class AllowOption {
    @Option(
            names = "--allow",
            split = ",",
            paramLabel = "WHAT",
            converter = AllowanceConverter.class,
            description = "Accept an adapter in spite of: other-base, other-tokenizer, other-template, unknown-keys,"
                    + " auto-mapping, data-driven-start, wrong-fan-in-fan-out.")
    private List<Allowance> allow = List.of();

    Set<Allowance> set() {
        return Set.copyOf(allow);
    }
}
