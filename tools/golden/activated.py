"""Activated LoRA: what peft computes when an adapter acts from its invocation tokens on."""

from pathlib import Path

import torch
from peft import PeftModel
from peft.tuners.lora.variants import calculate_alora_offsets
from transformers import GenerationConfig

import adapters
import cases
import models
import stability
import training
from files import write_json, write_tensors

# One model of each family that has several; all models of the others.
MODELS = ("llama-linear-rope", "gpt2-tied")
# Its frequencies change where a growing row passes the original context.
WITHOUT_GREEDY = ("phi3-longrope-partial",)

RANK = {"r": 2, "lora_alpha": 6}
# It begins as it ends, so that two occurrences can share a token.
INVOCATION = [88, 91, 88]
# Length of a row and where the invocation is written; the last place counts.
ROWS = ((9, (3,)), (11, (1, 6)), (7, (2, 4)))
STARTS = (3, 6, 4)
# The tokens behind the invocation; the third row ends with it and has none.
TARGETS = ((range(6, 9),), (range(9, 11),), ())
PROMPT = (6, (1,))
GREEDY_TOKENS = 8
# A logit that the gate moves by less would prove nothing.
SHOWS = 0.05


def record(recipe: models.Recipe, target: Path) -> None:
    """`<model>/alora/`: the adapter's two files, rows with their logits, gradients, greedy tokens."""
    directory, folder = target / "model", target / "alora"
    adapter = folder / "adapter"
    settings = RANK | {
        "target_modules": adapters.SETTINGS[recipe.family]["lora"]["target_modules"],
        "alora_invocation_tokens": INVOCATION,
    }
    adapters.write_settings(recipe, directory, settings, recipe.seed * 10 + 9, adapter)
    token_rows = [_row(recipe.seed * 10 + i, *row) for i, row in enumerate(ROWS)]
    _record_rows(recipe.name, directory, adapter, token_rows, folder / "cases.safetensors")
    training.record_gradients(directory, adapter, token_rows, TARGETS, folder / "training")
    if recipe.name not in WITHOUT_GREEDY:
        prompt = _row(recipe.seed * 10 + len(ROWS), *PROMPT)
        write_json(folder / "greedy.json", _greedy(adapters.load(directory, adapter), prompt))


def _row(seed: int, length: int, places: tuple[int, ...]) -> torch.Tensor:
    """Random ids other than the invocation's first, with the invocation at the places."""
    row = cases.rows(seed, (length,))[0]
    row[row == INVOCATION[0]] = INVOCATION[0] + 1
    for place in places:
        row[place : place + len(INVOCATION)] = torch.tensor(INVOCATION)
    return row


def _record_rows(name: str, directory: Path, adapter: Path, token_rows: list[torch.Tensor], target: Path) -> None:
    model = adapters.load(directory, adapter)
    tensors = {f"row{i}.input_ids": ids for i, ids in enumerate(token_rows)}
    starts = [_start(model, ids) for ids in token_rows]
    if starts != list(STARTS):
        raise ValueError(f"{name}: peft opens at {starts}, not at {list(STARTS)}")
    tensors |= {f"row{i}.start": torch.tensor([start]) for i, start in enumerate(starts)}
    recorded = cases.row_logits(model, token_rows)
    bare = cases.row_logits(models.load(directory), token_rows)
    for (row, logits), start in zip(recorded.items(), starts):
        _require_gated(f"{name}, {row}", bare[row], logits, start)
    wide = cases.row_logits(adapters.load(directory, adapter).double(), token_rows)
    stability.require_near(f"{name}, alora", max(float((wide[row] - recorded[row]).abs().max()) for row in wide))
    write_tensors(target, tensors | recorded)


def _start(model: PeftModel, ids: torch.Tensor) -> int:
    """Index of the first adapted token; peft counts it from the end of the row."""
    offsets = calculate_alora_offsets(model.peft_config, model.active_adapter, ids.unsqueeze(0))
    return len(ids) - offsets[0]


def _require_gated(what: str, bare: torch.Tensor, adapted: torch.Tensor, start: int) -> None:
    moved = (adapted - bare).abs().amax(-1)
    if float(moved[:start].max()) != 0 or float(moved[start:].min()) < SHOWS:
        raise ValueError(f"{what}: moved by {moved.tolist()}, though the adapter acts from {start} on")


@torch.no_grad()
def _greedy(model: PeftModel, prompt: torch.Tensor) -> dict:
    """generate() finds the invocation in the prompt, once; it runs with a cache and never stops at eos."""
    settings = GenerationConfig(
        do_sample=False,
        max_new_tokens=GREEDY_TOKENS,
        eos_token_id=None,
        pad_token_id=0,
        output_logits=True,
        return_dict_in_generate=True,
    )
    start = _start(model, prompt)
    # Whatever is None above comes from here.
    model.generation_config.eos_token_id = None
    generated = model.generate(
        input_ids=prompt.unsqueeze(0), attention_mask=torch.ones(1, len(prompt)), generation_config=settings
    )
    ids = generated.sequences[0]
    best = [step[0].topk(2).values for step in generated.logits]
    gaps = [round(float(values[0] - values[1]), 6) for values in best]
    if len(ids) != len(prompt) + GREEDY_TOKENS or _start(model, ids) != start:
        raise ValueError(f"{model.base_model.model.name_or_path}: generated {ids.tolist()}, which stops or invokes again")
    whole = cases.logits(model, ids)[len(prompt) - 1 : -1]
    stability.require_near("greedy", float((whole - torch.cat(generated.logits)).abs().max()))
    return {
        "prompt": prompt.tolist(),
        "start": start,
        "tokens": ids[len(prompt) :].tolist(),
        "gaps": gaps,
        "smallest_gap": min(gaps),
        "stops_at_eos": False,
    }
