"""What the logits processors of transformers leave of given logits."""

from pathlib import Path

import torch
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from files import write_json, write_tensors

VOCABULARY = 120
HISTORY = 20
ROWS = 3
# In the order in which `generate` applies them.
PROCESSORS = {
    "repetition_penalty": RepetitionPenaltyLogitsProcessor,
    "temperature": TemperatureLogitsWarper,
    "top_k": TopKLogitsWarper,
    "top_p": TopPLogitsWarper,
    "min_p": MinPLogitsWarper,
}
CASES = {
    "temperature-0.5": {"temperature": 0.5},
    "temperature-1.7": {"temperature": 1.7},
    "top-k-1": {"top_k": 1},
    "top-k-10": {"top_k": 10},
    "top-k-beyond-vocabulary": {"top_k": 1000},
    "top-p-0.3": {"top_p": 0.3},
    "top-p-0.9": {"top_p": 0.9},
    "top-p-tiny-keeps-one": {"top_p": 0.0001},
    "min-p-0.05": {"min_p": 0.05},
    "min-p-0.5": {"min_p": 0.5},
    "repetition-1.3": {"repetition_penalty": 1.3},
    "repetition-0.8": {"repetition_penalty": 0.8},
    "temperature-top-k": {"temperature": 0.7, "top_k": 12},
    "temperature-top-p": {"temperature": 1.4, "top_p": 0.8},
    "top-k-top-p": {"top_k": 8, "top_p": 0.7},
    "temperature-min-p": {"temperature": 2.0, "min_p": 0.1},
    "all": {"repetition_penalty": 1.2, "temperature": 0.8, "top_k": 20, "top_p": 0.9, "min_p": 0.03},
}


def record(target: Path) -> None:
    generator = torch.Generator().manual_seed(701)
    logits = 1.6 * torch.randn(ROWS, VOCABULARY, generator=generator)
    history = torch.randint(0, VOCABULARY, (ROWS, HISTORY), generator=generator)
    history[0, 5] = history[0, 11] = history[0, 0]  # A repeated token is penalised once.
    tied = logits.clone()
    tied[:, 40] = tied[:, 41] = tied[:, 42] = tied.topk(4).values[:, -1]  # Ties at the edge of top-k all stay.
    tensors = {"logits": logits, "history": history, "tied_logits": tied}
    for name, settings in CASES.items():
        _require_distance(name, settings, logits, history)
        _add(tensors, name, settings, logits, history)
    _add(tensors, "top-k-4-tied", {"top_k": 4}, tied, history)
    write_tensors(target / "sampling.safetensors", tensors)
    cases = [{"name": name, "input": "logits", "settings": settings} for name, settings in CASES.items()]
    cases.append({"name": "top-k-4-tied", "input": "tied_logits", "settings": {"top_k": 4}})
    write_json(target / "sampling.json", {"order": list(PROCESSORS), "cases": cases})


def _processors(settings: dict) -> LogitsProcessorList:
    return LogitsProcessorList([make(settings[kind]) for kind, make in PROCESSORS.items() if kind in settings])


def _add(tensors: dict, name: str, settings: dict, logits: torch.Tensor, history: torch.Tensor) -> None:
    left = _processors(settings)(history, logits.clone())
    tensors[f"{name}.logits"] = left
    tensors[f"{name}.probabilities"] = left.softmax(dim=-1)


def _require_distance(name: str, settings: dict, logits: torch.Tensor, history: torch.Tensor) -> None:
    """A token whose place is decided by the last bit would make the fixture a test of rounding."""
    before = {kind: value for kind, value in settings.items() if kind not in ("top_p", "min_p")}
    scores = _processors(before)(history, logits.clone()).double()
    probabilities = scores.softmax(dim=-1)
    gaps = [torch.ones(1)]
    if "top_p" in settings:
        cumulative = probabilities.sort(dim=-1).values.cumsum(dim=-1)
        gaps.append((cumulative - (1 - settings["top_p"])).abs())
    if "min_p" in settings:
        gaps.append((probabilities / probabilities.max(dim=-1, keepdim=True).values - settings["min_p"]).abs())
    smallest = min(float(gap.min()) for gap in gaps)
    if smallest < 1e-5:
        raise ValueError(f"sampling case {name}: a token lies {smallest:.1e} from its threshold; change the seed")
