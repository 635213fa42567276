"""Gradients of every weight, and three clipped steps of AdamW that decays matrices alone, as torch computes them."""

from pathlib import Path

import torch

import cases
import models
import training
from files import write_json, write_tensors

RATE = 1e-3
WEIGHT_DECAY = 0.1
BETAS = (0.9, 0.95)
EPSILON = 1e-8
CLIP_NORM = 1.0
# Every token but the first of a row, which nothing predicts.
TARGETS = ((range(1, 24),), (range(1, 17),))

RECIPES = (
    models.Recipe(
        "scratch-llama-tied",
        "llama",
        401,
        models.LLAMA
        | {
            "num_hidden_layers": 2,
            "hidden_size": 8,
            "intermediate_size": 12,
            "max_position_embeddings": 64,
            "tie_word_embeddings": True,
        },
    ),
    models.Recipe(
        "scratch-gpt2-untied",
        "gpt2",
        402,
        models.GPT2 | {"n_embd": 8, "n_layer": 2, "n_positions": 32, "tie_word_embeddings": False},
    ),
)


def record(target: Path) -> None:
    for recipe in RECIPES:
        print(f"recording {recipe.name}", flush=True)
        _record(recipe, target / recipe.name)


def _record(recipe: models.Recipe, target: Path) -> None:
    models.save(models.build(recipe), target / "model")
    token_rows = cases.rows(recipe.seed)
    write_tensors(target / "rows.safetensors", {f"row{i}.input_ids": ids for i, ids in enumerate(token_rows)})
    masks = training.loss_masks(token_rows, TARGETS)
    model = models.load(target / "model")
    weights = dict(model.named_parameters())
    adamw = _optimiser(weights)
    steps = []
    for _ in range(3):
        adamw.zero_grad()
        value = training.loss(model, token_rows, masks)
        value.backward()
        if not steps:
            write_tensors(target / "gradients.safetensors", {name: p.grad for name, p in weights.items()})
        norm = torch.nn.utils.clip_grad_norm_(weights.values(), CLIP_NORM, foreach=False).item()
        steps.append({"loss": value.item(), "gradient_norm": norm})
        adamw.step()
    write_tensors(target / "after_three_steps.safetensors", weights)
    settings = {"lr": RATE, "betas": list(BETAS), "eps": EPSILON, "weight_decay": WEIGHT_DECAY, "clip_norm": CLIP_NORM}
    write_json(target / "training.json", {"settings": settings, "steps": steps})


def _optimiser(weights: dict[str, torch.nn.Parameter]) -> torch.optim.AdamW:
    groups = [
        {"params": [p for p in weights.values() if p.dim() == 2], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in weights.values() if p.dim() != 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=RATE, betas=BETAS, eps=EPSILON, foreach=False)
