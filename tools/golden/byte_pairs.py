"""Records which byte-pair merges the tokenizers library learns, and how its tokenizer then encodes.

Writes corpus.txt, a small text with many equally frequent pairs, and learned.json:

  tokens     the vocabulary in the order of ids
  merges     pairs in order
  cases      texts and their ids, as the trained tokenizer encodes them without a post-processor

usage: python byte_pairs.py OUTPUT_DIRECTORY       needs: tokenizers
"""

import json
import pathlib
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from files import write_json

SIZE = 420
CONTROL = ["<|pad|>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|trigger|>", "<|/trigger|>"]
CONTROL += [f"<|reserved_{i}|>" for i in range(8)]

CORPUS = """\
The river bends around the old mill, and the old mill bends over the river.
She said: "I'll go, you'll stay, they'd come, we've been, I'm here, you're there, it's late, don't!"
aaaa aaaaa aaaaaa abab ababab bababa abcabc cabcab bcabca
1 22 333 4444 55555 1234567890 3.14159 10,000
Grüße aus Köln; déjà vu; naïve café; Ångström; 한국어 문장; 日本語の文; שלום עולם; emoji 👍🏽👍🏽 👩‍👩‍👧
   leading spaces,\ttabs\t\tand  double  spaces \n\n\nand empty lines
banana bandana cabana; banana bandana cabana; anagram ananas
x y z w v u t s r q p o n m l k j i h g f e d c b a
"""

TEXTS = [
    "",
    "the old river",
    "banana bandana",
    "  two  spaces\n\nand lines",
    "I'll don't you're",
    "aaaaaaa ababab",
    "Grüße 한국어 👍🏽 unseen: ß þ 漢",
    "12345 3.14",
]


def train(corpus: str) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE,
        special_tokens=[AddedToken(text, special=True, normalized=False) for text in CONTROL],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([corpus], trainer)
    return tokenizer


def record(directory: pathlib.Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "corpus.txt").write_text(CORPUS, encoding="utf-8")
    tokenizer = train(CORPUS)
    vocabulary = tokenizer.get_vocab()
    model = json.loads(tokenizer.to_str())["model"]
    write_json(directory / "learned.json", {
        "tokens": sorted(vocabulary, key=vocabulary.get),
        "merges": [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]],
        "cases": [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids} for text in TEXTS],
    })


if __name__ == "__main__":
    record(pathlib.Path(sys.argv[1]))
