"""The tiny random models of the other decoder families, each with what sets its mathematics apart switched on."""

import json
import shutil
import tempfile
from pathlib import Path

import torch
from transformers import LlamaConfig, Phi3Config
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

import activated
import adapters
import cases
import models
import stability
import training
from files import write_json, write_tensors
from models import Recipe

ROW_LENGTHS = (12, 8)
TARGETS = ((range(5, 12),), (range(3, 5), range(6, 8)))
# Beyond this many tokens the recipe with longrope turns by other frequencies.
LONGROPE_ORIGINAL = 9

SIZES = {
    "vocab_size": models.VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}

RECIPES = (
    # Not hidden / heads: 12 where that would be 8.
    Recipe("mistral-window", "mistral", 201, SIZES | {"sliding_window": 5, "head_dim": 12}),
    Recipe(
        "qwen2-yarn-upper-window",
        "qwen2",
        202,
        SIZES
        | {
            "use_sliding_window": True,
            "sliding_window": 5,
            "max_window_layers": 1,
            "tie_word_embeddings": True,
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 10000.0,
                "factor": 4.0,
                "original_max_position_embeddings": 16,
                "beta_fast": 2.0,
                "beta_slow": 0.2,
            },
        },
    ),
    Recipe(
        "qwen3-layer-types",
        "qwen3",
        203,
        SIZES
        | {
            "head_dim": 12,
            "use_sliding_window": True,
            "sliding_window": 4,
            "layer_types": ["sliding_attention", "full_attention"],
            "rope_parameters": {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0},
        },
    ),
    Recipe("gemma", "gemma", 204, SIZES | {"head_dim": 12, "num_key_value_heads": 1}),
    # Caps low enough that scores and logits reach them.
    Recipe(
        "gemma2",
        "gemma2",
        205,
        SIZES
        | {
            "head_dim": 12,
            "query_pre_attn_scalar": 20,
            "sliding_window": 4,
            "attn_logit_softcapping": 2.0,
            "final_logit_softcapping": 5.0,
        },
    ),
    Recipe(
        "gemma3",
        "gemma3_text",
        206,
        SIZES
        | {
            "num_hidden_layers": 3,
            "head_dim": 8,
            "query_pre_attn_scalar": 12,
            "sliding_window": 4,
            "layer_types": ["sliding_attention", "sliding_attention", "full_attention"],
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "factor": 2.0, "rope_theta": 100000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 1000.0},
            },
        },
    ),
    Recipe(
        "phi3-longrope-partial",
        "phi3",
        207,
        SIZES
        | {
            "sliding_window": 6,
            "original_max_position_embeddings": LONGROPE_ORIGINAL,
            "partial_rotary_factor": 0.75,
            "tie_word_embeddings": True,
            "rope_parameters": {
                "rope_type": "longrope",
                "rope_theta": 10000.0,
                "short_factor": [1.0, 1.1, 1.3],
                "long_factor": [1.2, 2.5, 6.0],
            },
        },
    ),
    Recipe("olmo2", "olmo2", 208, SIZES),
    Recipe(
        "granite",
        "granite",
        209,
        SIZES
        | {
            "embedding_multiplier": 3.0,
            "attention_multiplier": 0.2,
            "residual_multiplier": 0.7,
            "logits_scaling": 1.5,
            "tie_word_embeddings": True,
        },
    ),
    Recipe(
        "smollm3",
        "smollm3",
        210,
        SIZES | {"no_rope_layer_interval": 2, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True},
    ),
    Recipe(
        "gpt-neox",
        "gpt_neox",
        211,
        {key: value for key, value in SIZES.items() if key != "num_key_value_heads"}
        | {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}},
    ),
)


def record(target: Path) -> None:
    for recipe in RECIPES:
        print(f"recording {recipe.name}", flush=True)
        _record_model(recipe, target / recipe.name)
    _record_older_gemma3(target / "gemma3")
    write_json(target / "rotary.json", _rotary())


def _record_model(recipe: Recipe, target: Path) -> None:
    """Weights rounded to float16 halve the files; the numbers are those of the rounded weights, in float32."""
    directory = target / "model"
    models.save(models.build(recipe).to(torch.float16), directory)
    base = models.load(directory)
    token_rows = cases.rows(recipe.seed, ROW_LENGTHS)
    tensors = {f"row{i}.input_ids": ids for i, ids in enumerate(token_rows)}
    tensors |= cases.row_logits(base, token_rows)
    if "longrope" not in recipe.name:
        tensors |= _padded(base, token_rows)
    if recipe.family.startswith("gemma"):
        half = models.load(directory).to(torch.bfloat16)
        tensors["row1.embedding.bfloat16"] = half.get_input_embeddings()(token_rows[1]).float()
    names = list(adapters.SETTINGS[recipe.family])
    for name in names:
        adapters.write(recipe, directory, name, target / "adapters" / name)
        model = adapters.load(directory, target / "adapters" / name)
        tensors |= cases.row_logits(model, token_rows, f"{name}.logits")
    write_tensors(target / "cases.safetensors", tensors)
    training.record_gradients(directory, target / "adapters/lora", token_rows, TARGETS, target / "training")
    stability.require_logits(target, names, token_rows)
    activated.record(recipe, target)


@torch.no_grad()
def _padded(model: torch.nn.Module, token_rows: list[torch.Tensor]) -> dict:
    """The shorter row as transformers computes it beside the longer one, padded on either side."""
    longest, row = token_rows
    room = torch.zeros(len(longest) - len(row), dtype=row.dtype)
    result = {}
    for side, parts in {"left": (room, row), "right": (row, room)}.items():
        ids = torch.stack([longest, torch.cat(parts)])
        mask = torch.stack([torch.ones_like(longest), torch.cat([torch.full_like(part, part is row) for part in parts])])
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        logits = model(input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False).logits[1]
        result[f"row1.padded_{side}.logits"] = logits[mask[1].bool()].clone()
    return result


def _record_older_gemma3(recorded: Path) -> None:
    """The same configuration as releases before 5 spell it; it must mean the same to transformers."""
    config = json.loads((recorded / "model/config.json").read_text(encoding="utf-8"))
    rope = config.pop("rope_parameters")
    del config["layer_types"]
    config["torch_dtype"] = config.pop("dtype")
    config["sliding_window_pattern"] = 3
    config["rope_theta"] = rope["full_attention"].pop("rope_theta")
    config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
    config["rope_scaling"] = rope["full_attention"]
    write_json(recorded / "older/config.json", config)
    with tempfile.TemporaryDirectory() as temporary:
        shutil.copytree(recorded / "model", temporary, dirs_exist_ok=True)
        shutil.copy(recorded / "older/config.json", temporary)
        stability.require_same(recorded, Path(temporary), cases.rows(next(recipe.seed for recipe in RECIPES if recipe.name == recorded.name), ROW_LENGTHS))


def _rotary() -> list[dict]:
    """Frequencies and magnitudes of every kind, for a row that fits the original context and for one that does not."""
    llama3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}
    yarn = {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 64}
    factors = {"short_factor": [1.0 + i / 8 for i in range(8)], "long_factor": [1.0 + i for i in range(8)]}
    longrope = {"rope_type": "longrope", "original_max_position_embeddings": 64} | factors
    kinds = {
        "linear": {"rope_type": "linear", "factor": 3.0},
        "dynamic": {"rope_type": "dynamic", "factor": 4.0},
        "llama3": {"rope_type": "llama3", "factor": 8.0} | llama3,
        "yarn": yarn,
        "yarn-betas": yarn | {"beta_fast": 4.0, "beta_slow": 0.5},
        "yarn-not-truncated": yarn | {"beta_fast": 4.0, "beta_slow": 0.5, "truncate": False},
        "yarn-mscale": yarn | {"mscale": 0.7, "mscale_all_dim": 1.3},
        "yarn-attention-factor": yarn | {"attention_factor": 1.25},
        "longrope": longrope,
        "longrope-factor": longrope | {"factor": 2.0},
        "longrope-attention-factor": longrope | {"attention_factor": 1.5},
    }
    return [_frequencies(name, settings, LlamaConfig) for name, settings in kinds.items()] + [
        _frequencies(
            "phi3-partial",
            {"rope_type": "longrope", "short_factor": [1.0] * 6, "long_factor": [1.5 + i for i in range(6)]},
            Phi3Config,
            partial_rotary_factor=0.75,
            original_max_position_embeddings=64,
        )
    ]


def _frequencies(name: str, settings: dict, config_class: type, **others) -> dict:
    sizes = SIZES | {"num_attention_heads": 2, "max_position_embeddings": 256}
    config = config_class(**sizes, **others, rope_parameters={"rope_theta": 5000.0} | settings)
    case = {"name": name, "config": json.loads(config.to_json_string(use_diff=True))}
    for length in (64, 65):
        compute = ROPE_INIT_FUNCTIONS[settings["rope_type"]]
        frequencies, magnitude = compute(config, torch.device("cpu"), seq_len=length)
        case[f"length_{length}"] = {"frequencies": frequencies.tolist(), "magnitude": magnitude}
    return case
