"""Compares Inlay's logits with those of peft for the same model directory, adapter directory and tokens.

ids.json is a list of lists of token ids, the input of `inlay logits`. The other file is its output: a tensor `logits`
[batch, seq, vocab] in float32. Rows may have different lengths; what lies beyond a row's last token is not compared.
Without --adapter the base model is compared. With --save peft writes the adapter that it has read to another directory,
for Inlay to read back. Exit code 0: equal within the tolerance, 1: not, 2: not comparable.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers.utils import logging

import adapters
import cases
import models


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="model directory")
    parser.add_argument("--adapter", type=Path, help="PEFT adapter directory")
    parser.add_argument("--save", type=Path, help="directory into which peft writes the adapter again")
    parser.add_argument("--ids", type=Path, required=True, help="JSON list of lists of token ids")
    parser.add_argument("--logits", type=Path, required=True, help="safetensors with the tensor `logits`")
    parser.add_argument("--tolerance", type=float, default=2e-5, help="largest absolute difference (default 2e-5)")
    options = parser.parse_args()
    logging.disable_progress_bar()
    try:
        token_rows, theirs = _inputs(options.ids, options.logits)
        model = adapters.load(options.model, options.adapter) if options.adapter else models.load(options.model)
        worst = max(_difference(model, ids, theirs[i], i) for i, ids in enumerate(token_rows))
        if options.adapter and options.save:
            model.save_pretrained(options.save)
    except (OSError, ValueError, KeyError) as problem:
        print(f"not comparable: {problem}", file=sys.stderr)
        return 2
    if options.adapter:
        with model.disable_adapter():
            effect = max(_difference(model, ids, theirs[i], i) for i, ids in enumerate(token_rows))
        print(f"the adapter changes a logit by up to {effect:.3g}")
    equal = worst <= options.tolerance
    verdict = "equal" if equal else "DIFFERENT"
    print(f"rows {len(token_rows)}, max abs difference {worst:.3e}, tolerance {options.tolerance:.1e}: {verdict}")
    return 0 if equal else 1


def _inputs(ids: Path, logits: Path) -> tuple[list[torch.Tensor], torch.Tensor]:
    token_rows = [torch.tensor(row, dtype=torch.int64) for row in json.loads(ids.read_text(encoding="utf-8"))]
    tensors = load_file(logits)
    if "logits" not in tensors:
        raise ValueError(f"{logits} holds {sorted(tensors)}, expected `logits`")
    theirs = tensors["logits"]
    if theirs.dim() != 3 or theirs.shape[0] != len(token_rows):
        raise ValueError(f"logits have shape {list(theirs.shape)}, expected [{len(token_rows)}, seq, vocab]")
    if not token_rows or theirs.shape[1] < max(len(row) for row in token_rows):
        raise ValueError(f"logits have {theirs.shape[1]} positions, fewer than the longest row")
    return token_rows, theirs


def _difference(model: torch.nn.Module, ids: torch.Tensor, theirs: torch.Tensor, row: int) -> float:
    ours = cases.logits(model, ids)
    if theirs.shape[-1] != ours.shape[-1]:
        raise ValueError(f"vocabulary of row {row}: {theirs.shape[-1]}, expected {ours.shape[-1]}")
    difference = (ours - theirs[: len(ids)].float()).abs().max().item()
    return difference if difference == difference else float("inf")


if __name__ == "__main__":
    sys.exit(main())
