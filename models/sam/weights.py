"""Weight files to state dicts, safely: safetensors, or torch files read with `weights_only=True`."""

import json
import pickle  # nosec B403 # its exception alone
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from models.sam.build import MODELS, config_for_weights, state_dict_shapes
from models.sam.errors import ModelError

Shapes = Mapping[str, tuple[int, ...]]
LISTED = 6  # names shown of each kind of difference


def load_weights(path: Path, *, lazily: bool = False) -> dict[str, Tensor]:
    """Name -> tensor of a .safetensors or torch file; no code in the file is ever run.

    `lazily` maps a torch file instead of reading it: enough to look at shapes.
    ModelError `checkpoint.unsafe` for a pickle that wants to call code, `checkpoint.unreadable` for anything
    else that is no state dict.
    """
    if not path.is_file():
        raise ModelError("checkpoint.missing", f"There is no file {path}.")
    if path.suffix == ".safetensors":
        return _load_safetensors(path)
    try:
        # Only the zip form can be mapped; older files are read whole.
        state = torch.load(
            path, map_location="cpu", weights_only=True, mmap=lazily and zipfile.is_zipfile(path)
        )
    except pickle.UnpicklingError as error:
        if "Unsupported global" in str(error) or "Unsupported class" in str(error):
            raise ModelError(
                "checkpoint.unsafe", f"{path.name} contains code to run, not only tensors; it was not opened."
            ) from error
        raise _unreadable(path, error) from error
    except Exception as error:  # a damaged file fails anywhere in the reader, with any exception
        raise _unreadable(path, error) from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in state.items()
    ):
        raise ModelError(
            "checkpoint.unreadable", f"{path.name} is no plain table of names and tensors (a state dict)."
        )
    return state


def weights_metadata(path: Path) -> dict[str, Any]:
    """`metrics` (a JSON object) and `licence` noted in a safetensors header, and `parents`: the model that the metrics
    call retrained, as name@version. Empty values where nothing is noted, as in other files.
    """
    header: dict[str, str] = {}
    if path.suffix == ".safetensors":
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
    metrics = json.loads(header.get("metrics", "{}"))
    parents = [str(metrics["retrained_from"])] if "retrained_from" in metrics else []
    return {"metrics": metrics, "licence": header.get("licence", ""), "parents": parents}


def recognise(shapes: Shapes) -> str:
    """Registry name of the model whose names and shapes these are.

    ModelError `checkpoint.mismatch` with a readable difference if one model is near,
    `checkpoint.unrecognised` if none.
    """
    nearest, fewest = "", len(shapes) + 1
    for name in MODELS:
        expected = state_dict_shapes(config_for_weights(name, shapes))
        different = len(set(shapes.items()) ^ set(expected.items()))
        if different == 0:
            return name
        if different < fewest:
            nearest, fewest = name, different
    if nearest and fewest <= len(shapes) // 2:
        check_shapes(nearest, shapes)
    known = ", ".join(MODELS)
    raise ModelError(
        "checkpoint.unrecognised", f"These weights belong to none of the known models ({known})."
    )


def check_shapes(name: str, shapes: Shapes) -> None:
    """ModelError `checkpoint.mismatch`, listing missing, extra, misshaped names, unless all fit `name`."""
    expected = state_dict_shapes(config_for_weights(name, shapes))
    missing = [key for key in expected if key not in shapes]
    extra = [key for key in shapes if key not in expected]
    misshaped = [
        f"{key} {list(shapes[key])} instead of {list(shape)}"
        for key, shape in expected.items()
        if key in shapes and tuple(shapes[key]) != shape
    ]
    parts = [
        f"{len(names)} {kind}: {', '.join(names[:LISTED])}{' ...' if len(names) > LISTED else ''}"
        for kind, names in (("missing", missing), ("extra", extra), ("misshaped", misshaped))
        if names
    ]
    if parts:
        raise ModelError("checkpoint.mismatch", f"The weights do not fit {name}. {'; '.join(parts)}.")


def _load_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dict)
    except (SafetensorError, OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ModelError:
    # torch puts a paragraph of advice before the actual reason.
    text = str(error).rpartition("WeightsUnpickler error:")[2].strip()
    reason = text.splitlines()[0][:120].rstrip(".") if text else type(error).__name__
    return ModelError(
        "checkpoint.unreadable", f"{path.name} is damaged, cut off or no weights file ({reason})."
    )
