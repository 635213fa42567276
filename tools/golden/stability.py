"""Refuses fixtures that rounding alone would move: each is computed again in float64 and compared.

A parity test with a tolerance of 2e-5 is fair only if float32 itself stays well inside. The first AdamW step is nearly
`lr * sign(gradient)`, so a gradient element near 0 would make the step a test of its sign.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file

import adapters
import cases
import models
import training

LOGITS = 6e-6
SAME_MODEL = 2e-6
ONE_STEP = 1e-7


def require(recorded: Path, adapter_names: list[str], token_rows: list[torch.Tensor]) -> None:
    require_logits(recorded, adapter_names, token_rows)
    directory = recorded / "model"
    model = adapters.load(directory, recorded / "adapters/lora", trainable=True).double()
    factors = adapters.factors(model)
    training.loss(model, token_rows, training.loss_masks(token_rows)).backward()
    training.optimiser(factors).step()
    step = load_file(recorded / "training/after_one_step.safetensors")
    worst = max(float((factors[name].detach() - value).abs().max()) for name, value in step.items())
    _require_below(f"{recorded.name}, parameters after one step", worst, ONE_STEP)


def require_logits(recorded: Path, adapter_names: list[str], token_rows: list[torch.Tensor]) -> None:
    expected = load_file(recorded / "cases.safetensors")
    directory = recorded / "model"
    _require_logits(recorded.name, models.load(directory).double(), expected, token_rows, "logits")
    for name in adapter_names:
        model = adapters.load(directory, recorded / "adapters" / name).double()
        _require_logits(recorded.name, model, expected, token_rows, f"{name}.logits")


def require_same(recorded: Path, directory: Path, token_rows: list[torch.Tensor]) -> None:
    """Refuses other files of a recorded model that mean something else."""
    expected = cases.row_logits(models.load(recorded / "model"), token_rows)
    actual = cases.row_logits(models.load(directory), token_rows)
    worst = max(float((expected[name] - actual[name]).abs().max()) for name in expected)
    if worst > SAME_MODEL:
        raise ValueError(f"{directory}: logits differ by {worst:.1e} from {recorded.name}")


def require_near(what: str, worst: float) -> None:
    """Largest difference of logits in float32 and float64."""
    _require_below(what, worst, LOGITS)


def _require_logits(model_name: str, model, expected: dict, token_rows: list[torch.Tensor], suffix: str) -> None:
    for name, wide in cases.row_logits(model, token_rows, suffix).items():
        _require_below(f"{model_name}, {name}", float((wide - expected[name]).abs().max()), LOGITS)


def _require_below(what: str, worst: float, limit: float) -> None:
    if worst > limit:
        raise ValueError(f"{what}: float32 and float64 differ by {worst:.1e}, more than {limit:.0e}; change the seed")
