package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.List;

/** The text written so far, and which ranges of it a model is to generate. */
final class Output {
    private final StringBuilder text = new StringBuilder();
    private final List<int[]> generated = new ArrayList<>();
    private final Budget budget;

    Output(Budget budget) {
        this.budget = budget;
    }

    void write(String piece) {
        budget.produce(piece.length());
        if (text.length() + piece.length() > Values.LONGEST) {
            throw new TemplateException("writes more than " + Values.LONGEST + " characters");
        }
        text.append(piece);
    }

    int length() {
        return text.length();
    }

    void markGenerated(int start) {
        generated.add(new int[] {start, text.length()});
    }

    List<int[]> generated() {
        return generated;
    }

    /** The text of a macro or block, whose ranges would lose their place. */
    String captured() {
        if (!generated.isEmpty()) {
            throw new TemplateException("a generation block inside a macro or a set block is not supported");
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
