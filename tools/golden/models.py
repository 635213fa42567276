"""The tiny random models: shapes, weights and the forms in which they are saved."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

from files import write_json, write_tensors

VOCABULARY = 96
LINEAR = (torch.nn.Linear, Conv1D)


@dataclass(frozen=True)
class Recipe:
    """One model: its name is its folder, its seed fixes every weight."""

    name: str
    family: str
    seed: int
    settings: dict = field(default_factory=dict)


LLAMA = {
    "vocab_size": VOCABULARY,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
GPT2 = {
    "vocab_size": VOCABULARY,
    "n_embd": 32,
    "n_layer": 3,
    "n_head": 4,
    "n_positions": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "resid_pdrop": 0.0,
    "embd_pdrop": 0.0,
    "attn_pdrop": 0.0,
}

RECIPES = (
    Recipe(
        "llama-gqa-untied",
        "llama",
        111,
        LLAMA
        | {
            "hidden_size": 48,
            "intermediate_size": 80,
            "attention_bias": True,
            "mlp_bias": True,
            "tie_word_embeddings": False,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        },
    ),
    Recipe(
        "llama-tied-llama3-rope",
        "llama",
        102,
        LLAMA
        | {
            "hidden_size": 64,
            "intermediate_size": 72,
            "tie_word_embeddings": True,
            # Head width 16, wavelengths 6.3, 19.9, 62.8, ...: below 8 untouched, above 32 divided, between blended.
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 10000.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            },
        },
    ),
    Recipe(
        "llama-linear-rope",
        "llama",
        103,
        LLAMA
        | {
            "hidden_size": 32,
            # Not hidden / heads: a reader that assumes 8 fails on the shapes of q, k, v and o.
            "head_dim": 12,
            "intermediate_size": 64,
            "tie_word_embeddings": False,
            "rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0},
        },
    ),
    Recipe("gpt2-tied", "gpt2", 104, GPT2 | {"tie_word_embeddings": True}),
    Recipe("gpt2-untied", "gpt2", 105, GPT2 | {"tie_word_embeddings": False}),
)


def build(recipe: Recipe) -> torch.nn.Module:
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(recipe.family, **recipe.settings))
    _randomise(model, torch.Generator().manual_seed(recipe.seed))
    model.name_or_path = recipe.name
    model.config.name_or_path = recipe.name
    return model.eval()


@torch.no_grad()
def _randomise(model: torch.nn.Module, generator: torch.Generator) -> None:
    """Norm weights around 1, biases around 0, products of order one: an error in any of them moves the logits. Gemma
    stores the weights of its norms less one."""
    for module in model.modules():
        for kind, parameter in module.named_parameters(recurse=False):
            noise = torch.randn(parameter.shape, generator=generator)
            if kind == "bias":
                parameter.copy_(0.1 * noise)
            elif isinstance(module, LINEAR):
                inputs = module.nx if isinstance(module, Conv1D) else module.in_features
                parameter.copy_(noise / math.sqrt(inputs))
            elif isinstance(module, torch.nn.Embedding):
                parameter.copy_(0.5 * noise)
            else:
                parameter.copy_(("Gemma" not in type(module).__name__) + 0.25 * noise)


def save(model: torch.nn.Module, directory: Path, shard_size: str = "1GB") -> None:
    model.save_pretrained(directory, max_shard_size=shard_size)


def load(directory: Path) -> torch.nn.Module:
    """In float32 whatever the file holds, with the plain attention formula."""
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def write_older_config(source: Path, target: Path) -> None:
    """The spelling of releases before 5: `torch_dtype`, `rope_theta`, `rope_scaling`; no `rope_parameters`."""
    config = json.loads(source.read_text(encoding="utf-8"))
    config["torch_dtype"] = config.pop("dtype")
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = rope
    config["transformers_version"] = "4.46.0"
    write_json(target, config)


def write_original_gpt2(source: Path, target: Path) -> None:
    """The layout of the first GPT-2 checkpoint: names without `transformer.`, mask buffers beside the weights."""
    weights = load_file(source / "model.safetensors")
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    renamed = {name.removeprefix("transformer."): tensor for name, tensor in weights.items()}
    positions = config["n_positions"]
    for layer in range(config["n_layer"]):
        mask = torch.ones(positions, positions).tril().view(1, 1, positions, positions)
        renamed[f"h.{layer}.attn.bias"] = mask
    write_tensors(target / "model.safetensors", renamed)
    write_json(target / "config.json", config)
