"""Records what transformers and peft compute, as fixtures for Inlay's parity tests. See README.md."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from transformers.utils import logging

import activated
import adapters
import cases
import combining
import families
import models
import sampling
import scratch
import stability
import training
import variants
from files import differing_files, replace, write_json, write_tensors, write_versions

FIXTURES = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden"
LIMIT_BYTES = 6_000_000
# Scripts that need no model, and their folders.
APART = {
    "small_tokenizer.py": "tokenizer",
    "chat_templates.py": "chat",
    "chat_styles.py": "chat",
    "byte_pairs.py": "bpe",
    "hdbscan.py": "hdbscan",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURES, help="folder to write; other files there stay")
    parser.add_argument("--check", action="store_true", help="record aside and compare byte by byte with --out")
    options = parser.parse_args()
    _fix_environment()
    logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary) / "golden"
        record(fresh)
        entries = sorted(entry.name for entry in fresh.iterdir())
        if options.check:
            return _report(differing_files(options.out, fresh, entries))
        options.out.mkdir(parents=True, exist_ok=True)
        for entry in entries:
            replace(fresh / entry, options.out / entry)
    return 0


def record(target: Path) -> None:
    write_versions(target / "VERSIONS.json")
    sampling.record(target)
    for recipe in models.RECIPES:
        print(f"recording {recipe.name}", flush=True)
        _record_model(recipe, target / recipe.name)
    _record_variants(target)
    families.record(target)
    scratch.record(target)
    for script, folder in APART.items():
        print(f"recording {script}", flush=True)
        (target / folder).mkdir(exist_ok=True)
        subprocess.run([sys.executable, Path(__file__).with_name(script), target / folder], check=True)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"{size / 1e6:.2f} MB")
    if size > LIMIT_BYTES:
        raise ValueError(f"fixtures take {size} bytes, more than {LIMIT_BYTES}: make the models smaller")


def _record_model(recipe: models.Recipe, target: Path) -> None:
    directory = target / "model"
    models.save(models.build(recipe), directory)
    base = models.load(directory)
    token_rows = cases.rows(recipe.seed)
    tensors = {f"row{i}.input_ids": ids for i, ids in enumerate(token_rows)}
    tensors |= cases.row_logits(base, token_rows)
    for name in adapters.SETTINGS[recipe.family]:
        adapter = target / "adapters" / name
        adapters.write(recipe, directory, name, adapter)
        tensors |= cases.row_logits(adapters.load(directory, adapter), token_rows, f"{name}.logits")
    write_tensors(target / "cases.safetensors", tensors)
    write_json(target / "greedy.json", cases.greedy(base, token_rows[1][: cases.GREEDY_PROMPT]))
    if recipe.name == combining.MODEL:
        combining.record(directory, target / "adapters", target / "combined.safetensors")
    training.record(directory, target / "adapters/lora", token_rows, target / "training")
    stability.require(target, list(adapters.SETTINGS[recipe.family]), token_rows)
    variants.record(recipe, target)
    if recipe.name in activated.MODELS:
        activated.record(recipe, target)


def _record_variants(target: Path) -> None:
    """Other files of the same weights, each loaded again to see that it means what it should."""
    untied = target / "llama-gqa-untied"
    models.save(models.load(untied / "model"), target / "llama-gqa-untied-sharded/model", "160KB")
    _require_same(untied, target / "llama-gqa-untied-sharded/model")
    for name, dtype in (("bfloat16", torch.bfloat16), ("float16", torch.float16)):
        half = target / f"llama-gqa-untied-{name}"
        _record_half(untied, half / "model", half, dtype)
        with tempfile.TemporaryDirectory() as rounded:
            _record_half(target / "gpt2-tied", Path(rounded), target / f"gpt2-tied-{name}", dtype)
    llama3 = target / "llama-tied-llama3-rope"
    with tempfile.TemporaryDirectory() as temporary:
        older = Path(temporary)
        shutil.copytree(llama3 / "model", older, dirs_exist_ok=True)
        models.write_older_config(llama3 / "model/config.json", llama3 / "older/config.json")
        shutil.copy(llama3 / "older/config.json", older / "config.json")
        _require_same(llama3, older)
    models.write_original_gpt2(target / "gpt2-tied/model", target / "gpt2-tied-original/model")
    _require_same(target / "gpt2-tied", target / "gpt2-tied-original/model")


def _record_half(source: Path, rounded: Path, target: Path, dtype: torch.dtype) -> None:
    """Weights rounded once to the half type; the logits are those of the rounded weights, computed in float32."""
    models.save(models.load(source / "model").to(dtype), rounded)
    token_rows = _rows(source)
    tensors = {f"row{i}.input_ids": ids for i, ids in enumerate(token_rows)}
    tensors |= cases.row_logits(models.load(rounded), token_rows)
    write_tensors(target / "cases.safetensors", tensors)


def _require_same(recorded: Path, model_directory: Path) -> None:
    stability.require_same(recorded, model_directory, _rows(recorded))


def _rows(recorded: Path) -> list[torch.Tensor]:
    recipe = next(recipe for recipe in models.RECIPES if recipe.name == recorded.name)
    return cases.rows(recipe.seed)


def _fix_environment() -> None:
    """Starts again where needed: peft writes target_modules in the order of a set of strings, which Python salts per
    process, and looks for the base's name on the network unless told not to."""
    needed = {"PYTHONHASHSEED": "0", "HF_HUB_OFFLINE": "1"}
    if any(os.environ.get(name) != value for name, value in needed.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | needed)


def _report(differing: list[str]) -> int:
    for name in differing:
        print(f"differs: {name}")
    print(f"{len(differing)} files differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
