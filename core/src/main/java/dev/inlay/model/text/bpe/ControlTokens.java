package dev.inlay.model.text.bpe;

import java.util.ArrayList;
import java.util.List;

/**
 * The special tokens of a tokenizer that is learned here, and the chat template that uses them. They have the first ids.
 *
 * <pre>
 * &lt;|begin|&gt; text &lt;|end|&gt;                                                a text
 * &lt;|begin|&gt;&lt;|user|&gt;Hello&lt;|end|&gt;&lt;|assistant|&gt;Good day.&lt;|end|&gt;             a chat
 * ...&lt;|trigger|&gt;Was it true?&lt;|/trigger|&gt;&lt;|assistant|&gt;It was.&lt;|end|&gt;     what the role "developer" becomes
 * </pre>
 *
 * <p>The trigger is a pair of control tokens around an intervention, so that a gated adapter finds where it begins and no
 * merge crosses its edge. Reserved tokens are for later uses of a trained model.
 */
public final class ControlTokens {
    public static final String BEGIN = "<|begin|>";
    public static final String END = "<|end|>";
    public static final String PAD = "<|pad|>";
    public static final String TRIGGER = "<|trigger|>";
    public static final String TRIGGER_END = "<|/trigger|>";
    private static final int RESERVED = 8;

    /** Jinja; accepts the roles system, user, assistant and developer. */
    public static final String TEMPLATE = "{{ bos_token }}{% for message in messages %}"
            + "{% if message['role'] == 'developer' %}"
            + "{{ '<|trigger|>' + message['content'] + '<|/trigger|>' }}"
            + "{% elif message['role'] in ['system', 'user', 'assistant'] %}"
            + "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
            + "{% else %}{{ raise_exception('unknown role ' + message['role']) }}{% endif %}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

    private ControlTokens() {}

    /** All of them, in the order of their ids. */
    public static List<String> all() {
        List<String> all = new ArrayList<>(
                List.of(PAD, BEGIN, END, "<|system|>", "<|user|>", "<|assistant|>", TRIGGER, TRIGGER_END));
        for (int i = 0; i < RESERVED; i++) {
            all.add("<|reserved_" + i + "|>");
        }
        return List.copyOf(all);
    }
}
