package dev.inlay.app.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import dev.inlay.model.files.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * One self-contained HTML file: style, scripts and data are in it, and Apache ECharts where there are charts. Its policy
 * lets a browser run these scripts, known by their hashes, and load nothing, from nowhere.
 *
 * @param charts in the order of their places in the body
 * @param drawings pictures with a script of their own
 */
record Page(String title, String body, List<Chart> charts, List<Drawing> drawings) {
    /**
     * A script of this package and what it draws.
     *
     * @param script name of the resource
     * @param id of the element that holds the data
     */
    record Drawing(String script, String id, Object data) {}

    /** Line, bar and the axes; half the size of the whole library. */
    private static final String LIBRARY = "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.common.min.js";

    private static final String STYLE = "report.css";
    private static final String SCRIPT = "report.js";

    Page(String title, String body, List<Chart> charts) {
        this(title, body, charts, List.of());
    }

    String html() {
        List<String> scripts = new ArrayList<>();
        if (!charts.isEmpty()) {
            scripts.add(resource(LIBRARY));
        }
        scripts.add(resource(SCRIPT));
        drawings.forEach(drawing -> scripts.add(resource(drawing.script())));
        Html name = new Html();
        name.text(title);
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
                script-src %s; base-uri 'none'; form-action 'none'">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%s</title>
                """.formatted(
                        scripts.stream().map(each -> "'" + hash(each) + "'").collect(joining(" ")), name)
                + "<style>\n" + resource(STYLE) + "</style>\n</head>\n<body>\n"
                + body
                + data("charts", charts.stream().map(Chart::toJson).toList())
                + drawings.stream()
                        .map(drawing -> data(drawing.id(), drawing.data()))
                        .collect(joining())
                + scripts.stream()
                        .map(each -> "<script>" + each + "</script>\n")
                        .collect(joining())
                + "</body>\n</html>\n";
    }

    private static String data(String id, Object value) {
        return "<script type=\"application/json\" id=\"" + id + "\">" + embedded(value) + "</script>\n";
    }

    /** JSON that HTML cannot take for anything else, whatever its texts are. */
    static String embedded(Object value) {
        return Json.line(value)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
