package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.app.experiments.world.Excess;
import dev.inlay.app.experiments.world.Register;
import dev.inlay.engine.Workers;
import dev.inlay.model.Intervention;
import dev.inlay.model.generation.Generated;
import dev.inlay.model.generation.GenerationListener;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Stops;
import dev.inlay.model.text.ChatPrompt;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.Evaluation;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.LossOn;
import dev.inlay.training.data.Overflow;
import dev.inlay.training.data.Units;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Asks a model: how surprising are texts, and what does it answer. Losses are in nats per text, all targets summed. */
record Exam(AdaptedModel model, Tokenizer tokenizer, ChatTemplate template, Workers workers) implements AutoCloseable {
    private static final int UNIT_TOKENS = 512;
    private static final int MOST_TOKENS = 24;

    static Exam of(Path directory, AdaptedModel model, Workers workers) {
        ChatTemplate template = ChatTemplate.load(directory)
                .orElseThrow(() -> InlayException.data(
                        "%s: has no chat template, which a conversation needs; name another model", directory));
        return new Exam(model, Tokenizer.load(directory), template, workers);
    }

    /** On new texts of the small world. */
    Excess excess(Register register, int count, long seed) {
        Encoder encoder = Encoder.chat(tokenizer, template, LossOn.ALL);
        return Excess.of(register, count, seed, model.decoder(), encoder, workers);
    }

    /** Mean loss of the answers in rows of messages. */
    double loss(Dataset rows, List<Intervention> interventions) {
        Encoder encoder = Encoder.chat(tokenizer, template, LossOn.COMPLETION);
        Limit limit = new Limit(model.decoder().config().contextLength(), Overflow.ERROR);
        Examples examples = Examples.of(rows, encoder, limit);
        Evaluation.Result result =
                new Evaluation(model.decoder(), workers).of(Units.all(examples.list(), UNIT_TOKENS), interventions);
        return result.loss() * result.targets() / rows.size();
    }

    /** What the model answers to each, taking the likeliest token each time. */
    List<String> answers(List<String> said, List<Intervention> interventions) {
        List<int[]> prompts = new ArrayList<>();
        for (String each : said) {
            prompts.add(ChatPrompt.encode(tokenizer, template, Conversation.of(new Message("user", each))));
        }
        GenerationOptions options = GenerationOptions.of(Sampling.greedy(), Stops.of(tokenizer, template), MOST_TOKENS)
                .withThreads(workers.threads());
        return Generator.of(model.decoder(), tokenizer, interventions)
                .generate(prompts, options, GenerationListener.NONE)
                .rows()
                .stream()
                .map(Generated::text)
                .toList();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
