package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.app.experiments.dynamics.Outcome;
import dev.inlay.dynamics.Finding;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code inlay dynamics check}: holds a simulation against the theory. */
@Command(
        name = "check",
        description = {
            "Hold a simulation against every statement of the theory that speaks about it: each condition true, false or",
            "unknown, the measured quantity, the bound. A contradiction under true conditions is an error."
        })
final class DynamicsCheckCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    DynamicsOptions options = new DynamicsOptions();

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsCheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Outcome outcome = Outcome.of(options.setting());
        Map<String, List<Finding>> findings = outcome.findings();
        outcome.warnings().forEach(console::note);
        DynamicsCommand.show(console, findings);
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        findings.forEach(
                (run, list) -> list.forEach(finding -> object.withArray(run).add(finding.toString())));
        console.result(object);
        DynamicsCommand.refuseViolations(findings);
        return 0;
    }
}
