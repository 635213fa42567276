"""Trains all weights with transformers and torch's fused AdamW and prints its speed as one JSON line.

Weights and moments are float32; bfloat16 is what it computes with, by autocast.
"""

import statistics
import time
from argparse import Namespace

import torch

import job

WEIGHT_DECAY = 0.1


def main() -> None:
    options = parse()
    torch.manual_seed(1)
    model = job.load(Namespace(**(vars(options) | {"dtype": "float32"}))).train()
    weights = list(model.parameters())
    groups = [
        {"params": [weight for weight in weights if weight.dim() == 2], "weight_decay": WEIGHT_DECAY},
        {"params": [weight for weight in weights if weight.dim() != 2], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=1e-4, betas=(0.9, 0.95), fused=True)
    ids = job.token_ids(options.batch, options.length, model.config.vocab_size)
    losses, seconds = [], []
    for _ in range(options.warm_up + options.steps):
        started = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.dtype == "bfloat16"):
            loss = model(input_ids=ids, labels=ids, use_cache=False).loss
        losses.append(job.optimiser_step(loss, optimiser, weights))
        seconds.append(time.perf_counter() - started)
    timed = seconds[options.warm_up :]
    tokens = options.batch * options.length
    job.report(
        options,
        tokens_per_s=round(tokens / statistics.median(timed), 2),
        slowest_tokens_per_s=round(tokens / max(timed), 2),
        fastest_tokens_per_s=round(tokens / min(timed), 2),
        steps=len(timed),
        warm_up=options.warm_up,
        batch=options.batch,
        length=options.length,
        first_loss=losses[0],
        last_loss=losses[-1],
    )


def parse() -> Namespace:
    parser = job.arguments(__doc__)
    parser.add_argument("--batch", type=int, default=16, help="rows per step")
    parser.add_argument("--length", type=int, default=256, help="tokens per row")
    parser.add_argument("--warm-up", type=int, default=3, help="steps that are not timed")
    parser.add_argument("--steps", type=int, default=10, help="timed steps")
    return parser.parse_args()


if __name__ == "__main__":
    main()
