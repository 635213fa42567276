"""What peft stores beside plain factors: one small adapter for each, and the logits it computes with it."""

import json
import math
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model

import adapters
import cases
import models
import stability
import training
from files import write_tensors

RANK = {"r": 2, "lora_alpha": 3}
TOKENS = 10

SETTINGS = {
    "llama-gqa-untied": {
        "dora": {"use_dora": True, "target_modules": ["q_proj", "v_proj", "down_proj"]},
        "dora-rslora": {
            "use_dora": True,
            "use_rslora": True,
            "target_modules": ["k_proj", "up_proj"],
            "rank_pattern": {"layers.1.mlp.up_proj": 3},
        },
        "dora-biases": {"use_dora": True, "bias": "lora_only", "target_modules": ["q_proj"]},
        "dora-embedding": {"use_dora": True, "target_modules": ["embed_tokens", "o_proj"]},
        "lora-bias": {"lora_bias": True, "target_modules": ["q_proj", "down_proj"]},
        "bias-all": {"bias": "all", "target_modules": ["v_proj"]},
        "bias-lora-only": {"bias": "lora_only", "target_modules": ["q_proj", "gate_proj"]},
        "saved-head": {"modules_to_save": ["lm_head"], "target_modules": ["q_proj"]},
        "saved-embedding": {"modules_to_save": ["embed_tokens"], "target_modules": ["q_proj"]},
        "saved-map": {"modules_to_save": ["layers.1.mlp.up_proj"], "target_modules": ["up_proj"]},
        "embedding": {"target_modules": ["embed_tokens", "v_proj"]},
        "tokens": {"trainable_token_indices": [57, 8, 19], "target_modules": ["q_proj"]},
        "tokens-of-each": {
            "trainable_token_indices": {"embed_tokens": [8, 22], "lm_head": [57]},
            "target_modules": ["q_proj"],
        },
        "parameters": {"target_modules": [], "target_parameters": ["q_proj.weight", "mlp.down_proj.weight"]},
        "layers": {
            "target_modules": ["q_proj", "k_proj", "up_proj"],
            "exclude_modules": ["layers.2.self_attn.k_proj"],
            "layers_to_transform": [0, 2],
            "layers_pattern": "layers",
        },
    },
    "llama-tied-llama3-rope": {
        "tokens": {"trainable_token_indices": [38, 93, 35], "target_modules": ["q_proj"]},
        "tokens-of-each": {
            "trainable_token_indices": {"embed_tokens": [23, 90], "lm_head": [38]},
            "target_modules": ["q_proj"],
        },
        "saved-embedding": {"modules_to_save": ["embed_tokens"], "target_modules": ["q_proj"]},
        "saved-tied": {
            "modules_to_save": ["embed_tokens"],
            "ensure_weight_tying": True,
            "target_modules": ["q_proj"],
        },
        "embedding-tied": {"ensure_weight_tying": True, "target_modules": ["embed_tokens", "q_proj"]},
    },
    "gpt2-tied": {
        "dora": {"use_dora": True, "target_modules": ["c_attn", "mlp.c_proj"]},
        "lora-bias": {"lora_bias": True, "target_modules": ["c_attn"]},
        "bias-all": {"bias": "all", "target_modules": ["c_attn"]},
        "bias-lora-only": {"bias": "lora_only", "target_modules": ["c_fc"]},
        "saved-head": {"modules_to_save": ["lm_head"], "target_modules": ["c_attn"]},
        "embedding": {"target_modules": ["wte", "c_attn"]},
        "tokens": {"trainable_token_indices": {"wte": [93, 10, 48]}, "target_modules": ["c_attn"]},
    },
}


def record(recipe: models.Recipe, target: Path) -> None:
    """`<model>/variants/<name>/`: the adapter's two files and `logits.safetensors`."""
    for index, (name, settings) in enumerate(SETTINGS.get(recipe.name, {}).items()):
        directory = target / "variants" / name
        _write(recipe, target / "model", RANK | settings, recipe.seed * 100 + index, directory)
        _record_logits(target, directory)
        if name == "dora":
            training.record(target / "model", directory, cases.rows(recipe.seed), directory / "training")


def _write(recipe: models.Recipe, model_directory: Path, settings: dict, seed: int, directory: Path) -> None:
    base = models.load(model_directory)
    base.name_or_path = base.config.name_or_path = recipe.name
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", fan_in_fan_out=recipe.family == "gpt2", **settings))
    _randomise(model, torch.Generator().manual_seed(seed))
    model.save_pretrained(directory)
    (directory / "README.md").unlink(missing_ok=True)
    _sort(directory / "adapter_config.json")


@torch.no_grad()
def _randomise(model: torch.nn.Module, generator: torch.Generator) -> None:
    """Everything that would be trained moves away from where it started, by an amount that shows."""
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        noise = torch.randn(parameter.shape, generator=generator)
        if "lora_A" in name or "lora_embedding_A" in name:
            parameter.copy_(noise / math.sqrt(parameter.shape[1]) if "lora_A" in name else noise)
        elif "lora_B" in name or "lora_embedding_B" in name:
            parameter.copy_(0.1 * noise)
        elif "magnitude" in name:
            parameter.mul_(1 + 0.2 * noise)
        else:
            parameter.add_(0.1 * noise)


def _sort(config: Path) -> None:
    """peft writes some lists in the order of a set."""
    keys = json.loads(config.read_text(encoding="utf-8"))
    if isinstance(keys["target_modules"], list):
        keys["target_modules"].sort()
    config.write_text(json.dumps(keys, indent=2, sort_keys=True), encoding="utf-8")


def _record_logits(model: Path, directory: Path) -> None:
    recipe = next(recipe for recipe in models.RECIPES if recipe.name == model.name)
    row = cases.rows(recipe.seed)[0][:TOKENS]
    adapted = adapters.load(model / "model", directory)
    logits = cases.logits(adapted, row)
    wide = cases.logits(adapters.load(model / "model", directory).double(), row)
    stability.require_near(f"{model.name}, {directory.name}", float((wide - logits).abs().max()))
    write_tensors(directory / "logits.safetensors", {"input_ids": row, "logits": logits})
