"""Writes fixtures so that the same inputs give the same bytes."""

import json
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors.torch import save_file

RECORDED_WITH = ("torch", "transformers", "peft", "safetensors", "tokenizers", "numpy", "scikit-learn")


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


def replace(source: Path, target: Path) -> None:
    """A folder is replaced as a whole, so that no file of an earlier recording stays behind in it."""
    if source.is_file():
        shutil.copyfile(source, target)
        return
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target)


def differing_files(expected: Path, actual: Path, entries: list[str]) -> list[str]:
    """Relative paths below the named entries that exist on one side only or hold other bytes."""
    names = {path.relative_to(root).as_posix() for root in (expected, actual) for path in _files(root, entries)}
    return sorted(name for name in names if not _same(expected / name, actual / name))


def _files(root: Path, entries: list[str]) -> list[Path]:
    found = [root / entry for entry in entries] + [path for entry in entries for path in (root / entry).rglob("*")]
    return [path for path in found if path.is_file()]


def _same(left: Path, right: Path) -> bool:
    return left.is_file() and right.is_file() and left.read_bytes() == right.read_bytes()
