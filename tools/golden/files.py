"""Writes fixtures so that the same inputs give the same bytes."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors.torch import save_file

RECORDED_WITH = ("torch", "transformers", "peft", "safetensors", "tokenizers", "numpy")


def write_json(path: Path, value) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}
    save_file(plain, str(path), metadata={"format": "pt"})


def write_versions(path: Path) -> None:
    versions = {name: version(name) for name in RECORDED_WITH}
    versions["python"] = ".".join(platform.python_version_tuple()[:2])
    write_json(path, versions)


def differing_files(expected: Path, actual: Path) -> list[str]:
    """Relative paths that exist on one side only or hold other bytes."""
    names = {p.relative_to(root).as_posix() for root in (expected, actual) for p in root.rglob("*") if p.is_file()}
    return sorted(name for name in names if not _same(expected / name, actual / name))


def _same(left: Path, right: Path) -> bool:
    return left.is_file() and right.is_file() and left.read_bytes() == right.read_bytes()
