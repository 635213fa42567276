package dev.inlay.app.report;

import dev.inlay.app.report.Description.Sample;
import dev.inlay.model.files.AtomicFile;
import java.nio.file.Path;
import java.util.List;

/** A page of rows with the marks of gate and loss. */
public final class MaskPage {
    private MaskPage() {}

    /** @param gate in words */
    public static void write(Path file, String gate, List<Sample> samples) {
        Html html = new Html();
        html.element(
                "header",
                header -> {
                    header.element("button", "Light or dark", "id", "theme", "type", "button", "hidden", "");
                    header.element("p", "Inlay: rows as the model reads them", "class", "kicker");
                    header.element("h1", "Gate and loss");
                    header.element("p", "Gate: " + gate);
                    header.element(
                            "p",
                            "Every token sees itself and what stands before it in its row, whatever the marks say.");
                },
                "class",
                "page");
        html.element(
                "main",
                main -> samples.forEach(sample -> main.section(
                        "Line " + Words.count(sample.line()), inner -> DescriptionSections.example(inner, sample))));
        AtomicFile.write(file, new Page("Gate and loss", html.toString(), List.of()).html());
    }
}
