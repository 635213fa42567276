"""What the baseline measurements share: the job's tokens, the model, the process's memory and the JSON line."""

import argparse
import json
import resource
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM
from transformers.utils import logging

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
FIRST_ID = 3


def token_ids(rows: int, length: int, vocabulary: int) -> torch.Tensor:
    """[rows, length]; easy to repeat in another language: 3 + (7919 i + 104729 row) mod (vocabulary - 3)."""
    position = torch.arange(length, dtype=torch.int64).unsqueeze(0)
    row = torch.arange(rows, dtype=torch.int64).unsqueeze(1)
    return FIRST_ID + (7919 * position + 104729 * row) % (vocabulary - FIRST_ID)


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", type=Path, required=True, help="model directory; see make_model.py")
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="of the base weights")
    parser.add_argument("--threads", type=int, default=1, help="threads inside an operation")
    parser.add_argument("--attention", choices=("sdpa", "eager"), default="sdpa")
    return parser


def load(options: argparse.Namespace) -> torch.nn.Module:
    logging.disable_progress_bar()
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    return AutoModelForCausalLM.from_pretrained(
        options.model, dtype=DTYPES[options.dtype], attn_implementation=options.attention
    )


def training_step(
    model: torch.nn.Module, optimiser: torch.optim.Optimizer, trained: list, ids: torch.Tensor, labels: torch.Tensor
) -> float:
    """The usual causal loss over every labelled token but the first of a row, clipped at norm 1."""
    return optimiser_step(model(input_ids=ids, labels=labels, use_cache=False).loss, optimiser, trained)


def optimiser_step(loss: torch.Tensor, optimiser: torch.optim.Optimizer, trained: list) -> float:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimiser.step()
    return loss.item()


def peak_rss_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return round(used.ru_utime + used.ru_stime, 3)


def report(options: argparse.Namespace, **measured) -> None:
    settings = {
        "dtype": options.dtype,
        "threads": options.threads,
        "attention": options.attention,
        "torch": torch.__version__,
        "peak_rss_bytes": peak_rss_bytes(),
        "cpu_seconds": cpu_seconds(),
    }
    print(json.dumps(measured | settings))
