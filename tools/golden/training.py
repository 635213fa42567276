"""Gradients and optimiser steps of the `lora` adapter as autograd and torch.optim.AdamW compute them."""

from pathlib import Path

import torch
from transformers import get_cosine_schedule_with_warmup

import adapters
from files import write_json, write_tensors

ADAMW = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
CLIP_NORM = 0.5
WARM_UP_STEPS = 2
SCHEDULED_STEPS = 6
# Where the tokens are that the loss looks at; never the first of a row, nothing predicts it.
TARGETS = ((range(9, 24),), (range(4, 7), range(11, 17)))


def loss_masks(token_rows: list[torch.Tensor], targets: tuple = TARGETS) -> list[torch.Tensor]:
    """1 where the token is a target, which is predicted from the position before it."""
    masks = [torch.zeros(len(ids), dtype=torch.uint8) for ids in token_rows]
    for mask, spans in zip(masks, targets):
        for span in spans:
            mask[span.start : span.stop] = 1
    return masks


def loss(model: torch.nn.Module, token_rows: list[torch.Tensor], masks: list[torch.Tensor]) -> torch.Tensor:
    """Sum over the target tokens of all rows divided by their number; each row is computed alone."""
    total = torch.zeros(())
    for ids, mask in zip(token_rows, masks):
        logits = model(input_ids=ids.unsqueeze(0), use_cache=False).logits[0]
        picked = mask[1:].bool()
        total = total + torch.nn.functional.cross_entropy(logits[:-1][picked], ids[1:][picked], reduction="sum")
    return total / sum(int(mask.sum()) for mask in masks)


def optimiser(factors: dict[str, torch.nn.Parameter]) -> torch.optim.AdamW:
    return torch.optim.AdamW(factors.values(), foreach=False, **ADAMW)


def record(model_directory: Path, adapter: Path, token_rows: list[torch.Tensor], target: Path) -> None:
    masks = loss_masks(token_rows)
    write_tensors(target / "loss_masks.safetensors", {f"row{i}.loss_mask": mask for i, mask in enumerate(masks)})
    one = _one_step(model_directory, adapter, token_rows, masks, target)
    three = _three_steps(model_directory, adapter, token_rows, masks, target)
    settings = ADAMW | {"betas": list(ADAMW["betas"])}
    write_json(
        target / "training.json",
        {"targets": sum(int(m.sum()) for m in masks), "adamw": settings, "one_step": one, "three_steps": three},
    )


def record_gradients(
    model_directory: Path, adapter: Path, token_rows: list[torch.Tensor], targets: tuple, target: Path
) -> None:
    """Loss and gradients alone."""
    masks = loss_masks(token_rows, targets)
    write_tensors(target / "loss_masks.safetensors", {f"row{i}.loss_mask": mask for i, mask in enumerate(masks)})
    model = adapters.load(model_directory, adapter, trainable=True)
    factors = adapters.factors(model)
    value = loss(model, token_rows, masks)
    value.backward()
    write_tensors(target / "gradients.safetensors", {name: p.grad for name, p in factors.items()})
    one = {"loss": value.item(), "gradient_norm": _norm(factors)}
    write_json(target / "training.json", {"targets": sum(int(m.sum()) for m in masks), "one_step": one})


def _one_step(model_directory: Path, adapter: Path, token_rows, masks, target: Path) -> dict:
    model = adapters.load(model_directory, adapter, trainable=True)
    factors = adapters.factors(model)
    adamw = optimiser(factors)
    value = loss(model, token_rows, masks)
    value.backward()
    write_tensors(target / "gradients.safetensors", {name: p.grad for name, p in factors.items()})
    norm = _norm(factors)
    adamw.step()
    write_tensors(target / "after_one_step.safetensors", factors)
    return {"loss": value.item(), "gradient_norm": norm, "lr": ADAMW["lr"]}


def _three_steps(model_directory: Path, adapter: Path, token_rows, masks, target: Path) -> dict:
    model = adapters.load(model_directory, adapter, trainable=True)
    factors = adapters.factors(model)
    adamw = optimiser(factors)
    schedule = get_cosine_schedule_with_warmup(adamw, WARM_UP_STEPS, SCHEDULED_STEPS)
    schedule.step()  # Its multiplier at 0 is 0; a step that moves nothing would prove nothing.
    steps = []
    for _ in range(3):
        adamw.zero_grad()
        value = loss(model, token_rows, masks)
        value.backward()
        norm = torch.nn.utils.clip_grad_norm_(factors.values(), CLIP_NORM, foreach=False).item()
        clipped = _norm(factors)
        steps.append(
            {
                "loss": value.item(),
                "lr": adamw.param_groups[0]["lr"],
                "gradient_norm": norm,
                "clipped_gradient_norm": clipped,
            }
        )
        adamw.step()
        schedule.step()
    write_tensors(target / "after_three_steps.safetensors", factors)
    return {
        "clip_norm": CLIP_NORM,
        "warm_up_steps": WARM_UP_STEPS,
        "scheduled_steps": SCHEDULED_STEPS,
        "first_schedule_index": 1,
        "steps": steps,
    }


def _norm(factors: dict[str, torch.nn.Parameter]) -> float:
    return torch.sqrt(sum((p.grad.double() ** 2).sum() for p in factors.values())).item()
