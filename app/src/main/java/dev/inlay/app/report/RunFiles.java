package dev.inlay.app.report;

import dev.inlay.InlayException;
import dev.inlay.app.report.Html.Column;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The end of the page about a run: its files, and the commands to go on with. */
record RunFiles(Trace run) {
    /** The page itself, and what only says that a process writes. */
    private static final Set<String> NOT_LISTED = Set.of(RunReport.FILE, "lock");

    void addTo(Html html) {
        html.section(
                "Files",
                section -> section.table(
                        "In " + run.path(), List.of(Column.text("File"), Column.number("Bytes")), files()));
        html.section(
                "Next",
                section -> section.element(
                        "ul",
                        list -> commands()
                                .forEach(command -> list.element("li", item -> item.element("code", command))),
                        "class",
                        "commands"));
    }

    private List<List<String>> files() {
        try (Stream<Path> all = Files.walk(run.path(), 2)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !NOT_LISTED.contains(String.valueOf(file.getFileName())))
                    .map(file -> List.of(name(file), bytes(file)))
                    .sorted((one, other) -> one.get(0).compareTo(other.get(0)))
                    .toList();
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be listed: %s", run.path(), e).causedBy(e);
        }
    }

    private String name(Path file) {
        return run.path().relativize(file).toString().replace('\\', '/');
    }

    private static String bytes(Path file) {
        try {
            return Words.count(Files.size(file));
        } catch (IOException e) {
            return Words.UNKNOWN; // gone since it was listed: the run goes on
        }
    }

    private List<String> commands() {
        String path = Words.argument(run.path().toString());
        List<String> commands = new ArrayList<>();
        if (Files.isDirectory(run.path().resolve("adapter"))) {
            String model = Words.argument(run.model().getOrDefault("model", "MODEL"));
            commands.add("inlay generate --model " + model + " --adapter " + path + " --prompt \"...\"");
            commands.add("inlay info " + path + " --model " + model);
            commands.add("inlay merge --model " + model + " --adapter " + path + " --out DIR");
        } else if (Files.isDirectory(run.path().resolve("model"))) {
            String model = Words.argument(run.path().resolve("model").toString());
            commands.add("inlay generate --model " + model + " --prompt \"...\"");
            commands.add("inlay train --model " + model + " --data rows.jsonl");
        } else {
            String command = run.description().map(Description::command).orElse("train");
            commands.add("inlay " + command + " --resume " + path);
        }
        commands.add("inlay report " + path + " OTHER_RUN --out comparison.html");
        return commands;
    }
}
