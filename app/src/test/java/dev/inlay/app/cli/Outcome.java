package dev.inlay.app.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command line did, run in this process. */
record Outcome(int code, String out, String err) {
    static Outcome of(Object... words) {
        String[] arguments = new String[words.length];
        for (int i = 0; i < words.length; i++) {
            arguments[i] = words[i].toString();
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Inlay.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Outcome(code, out.toString(), err.toString());
    }
}
