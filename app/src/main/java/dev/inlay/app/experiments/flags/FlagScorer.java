package dev.inlay.app.experiments.flags;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.adapter.twin.TwinPass;
import dev.inlay.engine.CrossEntropy;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Flag logits without generation: a forward pass over each prompt, and the unembedding at the flag alone.
 *
 * <p>A verdict of several tokens has the product of their probabilities, each after those before it.
 */
public final class FlagScorer {
    private static final int PASS = -1;
    private static final int FAIL = 1;

    private final Decoder decoder;
    private final Workers workers;
    private final int batchTokens;
    private final LongConsumer progress;

    /** @param batchTokens about this many tokens are computed at once; it changes results by rounding only */
    public FlagScorer(Decoder decoder, Workers workers, int batchTokens) {
        this(decoder, workers, batchTokens, more -> {});
    }

    private FlagScorer(Decoder decoder, Workers workers, int batchTokens, LongConsumer progress) {
        require(batchTokens > 0, "tokens per batch must be positive, was %d", batchTokens);
        this.decoder = decoder;
        this.workers = workers;
        this.batchTokens = batchTokens;
        this.progress = progress;
    }

    /** @param other is told how many more rows are scored, on the worker's thread; {@link #rowCount} in all */
    public FlagScorer withProgress(LongConsumer other) {
        return new FlagScorer(decoder, workers, batchTokens, other);
    }

    /** How many rows are run to score prompts: one or two for each. */
    public static int rowCount(List<FlagPrompt> prompts) {
        return rows(prompts).size();
    }

    /**
     * The flag logit of each prompt, {@code log p(FAIL) - log p(PASS)} in nats; positive where FAIL is likelier.
     *
     * @throws InlayException if one is not finite
     */
    public double[] logits(List<FlagPrompt> prompts, List<? extends Intervention> interventions) {
        List<Scored> rows = rows(prompts);
        List<Integer> starts = starts(rows);
        double[] scores = new double[rows.size()]; // each batch writes its own part
        try (Scope scope = Scope.open()) {
            workers.map(starts.size() - 1, i -> {
                int start = starts.get(i);
                double[] own = scores(rows.subList(start, starts.get(i + 1)), interventions);
                System.arraycopy(own, 0, scores, start, own.length);
                progress.accept(own.length);
                return List.of();
            });
        }
        double[] logits = new double[prompts.size()];
        for (int i = 0; i < scores.length; i++) {
            logits[rows.get(i).prompt()] += scores[i];
        }
        for (int i = 0; i < logits.length; i++) {
            if (!Double.isFinite(logits[i])) {
                throw InlayException.diverged("the flag logit of row %d is %s", i + 1, logits[i]);
            }
        }
        return logits;
    }

    /**
     * A row to run and what is looked up in it.
     *
     * @param prompt whose logit it adds to
     * @param labels tokens whose logarithms are added
     */
    private record Scored(int prompt, Reading row, List<Label> labels) {
        int length() {
            return row.ids().length;
        }
    }

    /** The token that follows a position, with the sign of its verdict. */
    private record Label(int position, int token, int sign) {}

    /** One row serves both verdicts where the shorter is one token; it needs nothing but the prompt. */
    private static List<Scored> rows(int index, FlagPrompt prompt) {
        List<Label> pass = labels(prompt, prompt.pass(), PASS);
        List<Label> fail = labels(prompt, prompt.fail(), FAIL);
        if (pass.size() == 1 || fail.size() == 1) {
            List<Label> both = new ArrayList<>(pass);
            both.addAll(fail);
            int[] longer = pass.size() > fail.size() ? prompt.pass() : prompt.fail();
            return List.of(new Scored(index, prompt.with(longer), both));
        }
        return List.of(
                new Scored(index, prompt.with(prompt.pass()), pass),
                new Scored(index, prompt.with(prompt.fail()), fail));
    }

    private static List<Label> labels(FlagPrompt prompt, int[] verdict, int sign) {
        List<Label> labels = new ArrayList<>();
        for (int i = 0; i < verdict.length; i++) {
            labels.add(new Label(prompt.before().ids().length - 1 + i, verdict[i], sign));
        }
        return labels;
    }

    /** Longest rows first, so that equal lengths are neighbours, which attention computes together. */
    private static List<Scored> rows(List<FlagPrompt> prompts) {
        List<Scored> rows = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            rows.addAll(rows(i, prompts.get(i)));
        }
        rows.sort(Comparator.comparingInt(row -> -row.length()));
        return rows;
    }

    /** Where each batch starts, and the end of the last. */
    private List<Integer> starts(List<Scored> rows) {
        List<Integer> starts = new ArrayList<>();
        long tokens = 0;
        for (int i = 0; i < rows.size(); i++) {
            int length = rows.get(i).length();
            if (i == 0 || tokens + length > batchTokens) {
                starts.add(i);
                tokens = 0;
            }
            tokens += length;
        }
        starts.add(rows.size());
        return starts;
    }

    /** What each row of a batch adds to the logit of its prompt. */
    private double[] scores(List<Scored> batch, List<? extends Intervention> interventions) {
        Rows rows = Rows.reading(batch.stream().map(Scored::row).toList());
        IntStream.Builder places = IntStream.builder();
        IntStream.Builder tokens = IntStream.builder();
        for (int row = 0; row < batch.size(); row++) {
            for (Label label : batch.get(row).labels()) {
                places.add(rows.start(row) + label.position());
                tokens.add(label.token());
            }
        }
        TwinPass twin = TwinPass.over(batch.stream().map(Scored::row).toList(), interventions);
        double[] losses = losses(
                twin.pass(),
                twin.places(places.build().toArray()),
                tokens.build().toArray());
        double[] scores = new double[batch.size()];
        int next = 0;
        for (int row = 0; row < scores.length; row++) {
            for (Label label : batch.get(row).labels()) {
                scores[row] -= label.sign() * losses[next++];
            }
        }
        return scores;
    }

    /** Negative log-probabilities of tokens that follow places of the stream. */
    private double[] losses(Pass pass, int[] places, int[] tokens) {
        Tensor hidden = decoder.hidden(pass).rows(Tensor.of(places).to(decoder.device()));
        Tensor logits = decoder.logits(hidden, pass.at(places));
        return CrossEntropy.perRow(logits, Tensor.of(tokens).to(decoder.device()))
                .toDoubles();
    }
}
