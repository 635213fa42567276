package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.InlayException.Kind;
import dev.inlay.dynamics.Finding;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code inlay dynamics}: simulations of tokens as particles. */
@Command(
        name = "dynamics",
        description =
                "Simulate tokens as interacting particles, and what a LoRA change does to their clusters; or measure"
                        + " real ones.",
        synopsisSubcommandLabel = "COMMAND")
final class DynamicsCommand implements Runnable {
    private DynamicsCommand() {}

    static CommandLine line(Console console) {
        return new CommandLine(new DynamicsCommand())
                .addSubcommand(new DynamicsRunCommand(console))
                .addSubcommand(new DynamicsSweepCommand(console))
                .addSubcommand(new DynamicsCheckCommand(console))
                .addSubcommand(new DynamicsBoundsCommand(console))
                .addSubcommand(new DynamicsPhasesCommand(console))
                .addSubcommand(new DynamicsPresetCommand(console))
                .addSubcommand(new DynamicsStaircaseCommand(console))
                .addSubcommand(new DynamicsGaussCommand(console))
                .addSubcommand(new DynamicsModularCommand(console))
                .addSubcommand(new DynamicsTokensCommand(console))
                .addSubcommand(new DynamicsEigenvaluesCommand(console));
    }

    @Override
    public void run() {
        throw InlayException.usage("a command is missing; try: inlay dynamics --help");
    }

    /** Prints what was found; what contradicts a statement under true conditions is a failure. */
    static void show(Console console, Map<String, List<Finding>> findings) {
        findings.forEach((run, list) -> list.forEach(finding -> {
            console.result(String.format(
                    Locale.ROOT,
                    "  %-14s %s (%s): %s = %.6g%s",
                    finding.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    finding.statement(),
                    run,
                    finding.quantity(),
                    finding.value(),
                    Double.isNaN(finding.bound()) ? "" : String.format(Locale.ROOT, ", bound %.6g", finding.bound())));
            finding.hypotheses()
                    .forEach(each -> console.result(
                            "      " + each.text() + ": " + each.truth().name().toLowerCase(Locale.ROOT)));
        }));
    }

    static void refuseViolations(Map<String, List<Finding>> findings) {
        findings.forEach((run, list) -> list.stream()
                .filter(finding -> finding.verdict() == Finding.Verdict.VIOLATED)
                .findFirst()
                .ifPresent(finding -> {
                    throw new InlayException(
                            Kind.FAULT, "a statement is contradicted although its conditions hold: " + finding, null);
                }));
    }

    static ObjectNode result(Path directory) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("directory", directory.toString());
        return object;
    }
}
