"""Trains LoRA on every linear map with transformers and peft and prints its speed as one JSON line."""

import statistics
import time
from argparse import Namespace

import torch
from peft import LoraConfig, get_peft_model

import job

TRIGGER = 1
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def main() -> None:
    options = parse()
    torch.manual_seed(1)
    # Adapters of a bfloat16 base stay float32: peft's autocast_adapter_dtype, on by default.
    settings = LoraConfig(
        task_type="CAUSAL_LM",
        r=options.rank,
        lora_alpha=2 * options.rank,
        target_modules=LINEARS,
        alora_invocation_tokens=[TRIGGER] if options.suffix else None,
    )
    model = get_peft_model(job.load(options), settings).train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.0, fused=True)
    ids = job.token_ids(options.batch, options.length, model.config.vocab_size)
    labels = ids.clone()
    if options.suffix:
        ids[:, -options.suffix] = TRIGGER
        labels[:, : 1 - options.suffix] = -100
    losses, seconds = [], []
    for _ in range(options.warm_up + options.steps):
        started = time.perf_counter()
        losses.append(job.training_step(model, optimiser, trained, ids, labels))
        seconds.append(time.perf_counter() - started)
    summarise(options, losses, seconds[options.warm_up :])


def parse() -> Namespace:
    parser = job.arguments(__doc__)
    parser.add_argument("--batch", type=int, default=4, help="rows per step")
    parser.add_argument("--length", type=int, default=256, help="tokens per row")
    parser.add_argument("--suffix", type=int, default=0, help="tokens from the trigger on: Activated LoRA; 0 for LoRA")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--warm-up", type=int, default=3, help="steps that are not timed")
    parser.add_argument("--steps", type=int, default=10, help="timed steps")
    return parser.parse_args()


def summarise(options: Namespace, losses: list[float], seconds: list[float]) -> None:
    tokens = options.batch * options.length
    job.report(
        options,
        tokens_per_s=round(tokens / statistics.median(seconds), 2),
        slowest_tokens_per_s=round(tokens / max(seconds), 2),
        fastest_tokens_per_s=round(tokens / min(seconds), 2),
        steps=len(seconds),
        warm_up=options.warm_up,
        batch=options.batch,
        length=options.length,
        suffix=options.suffix,
        rank=options.rank,
        first_loss=losses[0],
        last_loss=losses[-1],
    )


if __name__ == "__main__":
    main()
