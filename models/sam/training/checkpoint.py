"""Training checkpoints: one file with everything a resumed run needs, replaced atomically."""

import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

FORMAT = 1


class CheckpointError(ValueError):
    """A training checkpoint that cannot be used; the message says why."""


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write `state` (tensors and plain values) to `path`; a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save({"format": FORMAT, **state}, partial)
    partial.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The saved state, on the CPU. CheckpointError for a missing, damaged or foreign file; no code in it is run."""
    if not path.is_file():
        raise CheckpointError(f"no checkpoint at {path}")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged or hostile file
        raise CheckpointError(f"{path} is not a readable checkpoint: {error}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise CheckpointError(f"{path} is not a training checkpoint of format {FORMAT}")
    return state


def is_training_checkpoint(path: Path) -> bool:
    """Whether a file is one of a run, and not of bare weights: those of MobileSAM end in .pt as well.

    A .pt file that cannot be read counts as one: `load_checkpoint` says what is wrong with it.
    """
    if path.suffix != ".pt":
        return False
    try:
        # Only the zip form can be mapped.
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except Exception:  # as in `load_checkpoint`
        return True
    return not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values())


def stage_of(state: dict[str, Any]) -> str:
    """The stage a checkpoint is of; those from before there were two are promptable."""
    return str(state.get("stage", "promptable"))
