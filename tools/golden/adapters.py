"""PEFT adapters over a model directory, written by peft itself."""

import math
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model

import models

LLAMA_LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
GPT2_LINEARS = ["c_attn", "c_proj", "c_fc"]
PHI3_LINEARS = ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]
GPT_NEOX_LINEARS = ["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"]

SETTINGS = {
    "llama": {
        "lora": {"r": 4, "lora_alpha": 8, "target_modules": LLAMA_LINEARS},
        "rslora-patterns": {
            "r": 4,
            "lora_alpha": 6,
            "use_rslora": True,
            "target_modules": ["q_proj", "v_proj", "down_proj"],
            "layers_to_transform": [1, 2],
            "rank_pattern": {"layers.1.self_attn.q_proj": 6, r".*\.2\.mlp\.down_proj": 2},
            "alpha_pattern": {"v_proj": 3},
        },
        "qv": {"r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"]},
    },
    "gpt2": {
        "lora": {"r": 4, "lora_alpha": 8, "target_modules": GPT2_LINEARS},
        "rslora-patterns": {
            "r": 4,
            "lora_alpha": 6,
            "use_rslora": True,
            "target_modules": ["c_attn", "mlp.c_proj"],
            "layers_to_transform": [1, 2],
            "rank_pattern": {"h.1.attn.c_attn": 6, r".*\.2\.mlp\.c_proj": 2},
            "alpha_pattern": {"mlp.c_proj": 3},
        },
        "qv": {"r": 8, "lora_alpha": 16, "target_modules": ["c_attn"]},
    },
}


def _small(linears: list[str], first: str, other: str) -> dict:
    """The adapters of the other families: all maps, and some maps of the last layer with ranks of their own."""
    return {
        "lora": {"r": 2, "lora_alpha": 4, "target_modules": linears},
        "rslora-patterns": {
            "r": 2,
            "lora_alpha": 3,
            "use_rslora": True,
            "target_modules": [first, other],
            "layers_to_transform": [1],
            "rank_pattern": {rf".*\.1\..*\.{first}": 3},
            "alpha_pattern": {other: 5},
        },
    }


for _family in ("mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "olmo2", "granite", "smollm3"):
    SETTINGS[_family] = _small(LLAMA_LINEARS, "k_proj", "down_proj")
SETTINGS["phi3"] = _small(PHI3_LINEARS, "qkv_proj", "gate_up_proj")
SETTINGS["gpt_neox"] = _small(GPT_NEOX_LINEARS, "query_key_value", "dense_4h_to_h")


def write(recipe: models.Recipe, model_directory: Path, name: str, target: Path) -> None:
    seed = recipe.seed * 10 + list(SETTINGS[recipe.family]).index(name)
    write_settings(recipe, model_directory, SETTINGS[recipe.family][name], seed, target)


def write_settings(recipe: models.Recipe, model_directory: Path, settings: dict, seed: int, target: Path) -> None:
    base = models.load(model_directory)
    # The adapter names its base; the folder of this machine says nothing to a reader.
    base.name_or_path = base.config.name_or_path = recipe.name
    config = LoraConfig(task_type="CAUSAL_LM", fan_in_fan_out=recipe.family == "gpt2", **settings)
    model = get_peft_model(base, config)
    _randomise(model, torch.Generator().manual_seed(seed))
    model.save_pretrained(target)
    (target / "README.md").unlink(missing_ok=True)


def load(model_directory: Path, adapter_directory: Path, trainable: bool = False) -> PeftModel:
    model = PeftModel.from_pretrained(models.load(model_directory), adapter_directory, is_trainable=trainable)
    return model.eval()


def factors(model: PeftModel) -> dict[str, torch.nn.Parameter]:
    """Every factor by the name that the adapter's file gives it."""
    return {name.replace(".default.", "."): p for name, p in model.named_parameters() if "lora_" in name}


@torch.no_grad()
def _randomise(model: PeftModel, generator: torch.Generator) -> None:
    """Both factors non-zero: with B = 0 the adapter would not show, nor A get a gradient."""
    for name, factor in factors(model).items():
        noise = torch.randn(factor.shape, generator=generator)
        factor.copy_(noise / math.sqrt(factor.shape[1]) if "lora_A" in name else 0.1 * noise)
