"""What peft makes of two adapters with `add_weighted_adapter`, as dense changes.

At each map the second adapter has other ranks and another scale than the first, or none: it changes layers 1 and 2 only.
"""

from pathlib import Path

import torch
from peft import PeftModel

import models
from files import write_tensors

MODEL = "llama-gqa-untied"
FIRST, SECOND = "lora", "rslora-patterns"
WEIGHTS = (0.7, -0.4)
RANK = 3
MAPS = (
    "model.layers.0.self_attn.v_proj",
    "model.layers.1.self_attn.q_proj",
    "model.layers.2.mlp.down_proj",
)


def record(model_directory: Path, adapters: Path, target: Path) -> None:
    """`<kind>.<map>` F32 [out, in] for each kind of combination."""
    model = PeftModel.from_pretrained(models.load(model_directory), adapters / FIRST, adapter_name="first")
    model.load_adapter(adapters / SECOND, adapter_name="second")
    model.add_weighted_adapter(["first", "second"], list(WEIGHTS), "cat", combination_type="cat")
    model.add_weighted_adapter(["first", "second"], list(WEIGHTS), "svd", combination_type="svd", svd_rank=RANK)
    # `linear` wants equal ranks, and with weights of one sign it adds factors, not changes: an adapter with itself shows it.
    model.add_weighted_adapter(["first", "first"], [abs(w) for w in WEIGHTS], "linear", combination_type="linear")
    tensors = {}
    for kind in ("cat", "svd", "linear"):
        for path in MAPS:
            tensors[f"{kind}.{path}"] = model.get_submodule(f"base_model.model.{path}").get_delta_weight(kind)
    write_tensors(target, tensors)
