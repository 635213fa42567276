"""Makes the small byte-level BPE tokenizer that tests pair with tiny random models, and records what it must answer.

Writes tokenizer.json, tokenizer_config.json, special_tokens_map.json and cases.json. The vocabulary has at most 300
entries: four control tokens (ids 0 to 3), the 256 bytes, and a few merges learnt from the sentences below. `<s>` is added
in front by the post-processor. cases.json holds, for every text, the ids of

  encode      with the post-processor, control-token text read as text
  raw         without the post-processor, control-token text read as text
  templated   without the post-processor, control-token text read as control tokens, and the character spans
  decoded     the decoding of `templated` without and with control tokens

usage: python small_tokenizer.py OUTPUT_DIRECTORY       needs: tokenizers
"""

import json
import pathlib
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

CONTROL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]

SENTENCES = [
    "The small river bends around the old mill and runs down to the sea.",
    "A young fox hides under the bridge while the rain falls on the stones.",
    "She counts the boats: one, two, three, and then the fourth comes home.",
    "When the wind turns, the sails of the mill begin to move again.",
    "He asked the miller why the wheel never stops, and the miller laughed.",
]

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' "
    "+ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

TEXTS = [
    "",
    " ",
    "the mill and the sea",
    " the  mill\n\nand\tthe sea ",
    "Grüße, déjà vu, naïve – “quotes”",
    "한국어 ㅎㅏㄴ, かば がば, שלום, ไทย",
    "👩‍👩‍👧 👍🏽 e\u0301 \u00a0nbsp",
    "nul \u0000 inside",
    "<s>",
    "a <s> b </s> c",
    "<|im_start|>user\nthe sea<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|><|im_end|><|im_",
]


def build() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=296,
        special_tokens=[AddedToken(text, special=True, normalized=False) for text in CONTROL],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return tokenizer


def case(tokenizer: Tokenizer, text: str) -> dict:
    tokenizer.encode_special_tokens = True
    plain = tokenizer.encode(text).ids
    raw = tokenizer.encode(text, add_special_tokens=False).ids
    tokenizer.encode_special_tokens = False
    templated = tokenizer.encode(text, add_special_tokens=False)
    return {
        "text": text,
        "encode": plain,
        "raw": raw,
        "templated": templated.ids,
        "spans": [list(span) for span in templated.offsets],
        "decoded": tokenizer.decode(templated.ids),
        "decoded_with_specials": tokenizer.decode(templated.ids, skip_special_tokens=False),
    }


def main() -> None:
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    tokenizer = build()
    assert tokenizer.get_vocab_size() <= 300
    tokenizer.save(str(directory / "tokenizer.json"), pretty=False)
    write(directory / "tokenizer_config.json", {
        "bos_token": "<s>",
        "eos_token": "<|im_end|>",
        "pad_token": "</s>",
        "chat_template": TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "model_max_length": 512,
        "tokenizer_class": "PreTrainedTokenizerFast",
    })
    write(directory / "special_tokens_map.json", {"bos_token": "<s>", "eos_token": "<|im_end|>", "pad_token": "</s>"})
    write(directory / "cases.json", [case(tokenizer, text) for text in TEXTS])


def write(path: pathlib.Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
