"""Saves a Llama of a given shape with random weights twice: DIR/float32, and the same rounded in DIR/bfloat16."""

import argparse
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--layers", type=int, default=16)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--kv-heads", type=int, default=4)
    parser.add_argument("--intermediate", type=int, default=1408)
    parser.add_argument("--vocabulary", type=int, default=32000)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--untied", action="store_true", help="own output head instead of the embedding")
    parser.add_argument("--shard", default="50GB", metavar="SIZE", help="largest file, for example 300MB")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    model = LlamaForCausalLM(config(options))
    model.save_pretrained(options.out / "float32", max_shard_size=options.shard)
    model.to(torch.bfloat16).save_pretrained(options.out / "bfloat16", max_shard_size=options.shard)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters in {options.out}")


def config(options: argparse.Namespace) -> LlamaConfig:
    return LlamaConfig(
        num_hidden_layers=options.layers,
        hidden_size=options.hidden,
        num_attention_heads=options.heads,
        num_key_value_heads=options.kv_heads,
        intermediate_size=options.intermediate,
        vocab_size=options.vocabulary,
        max_position_embeddings=options.context,
        tie_word_embeddings=not options.untied,
        bos_token_id=1,
        eos_token_id=2,
    )


if __name__ == "__main__":
    main()
