"""Averaged weights of a run as float16 safetensors: one file to ship, or pieces small enough to carry off a machine.

Pieces of one export share their name up to `-1of3`; a model that fits into one piece is a file ready to ship.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from models.sam.training.checkpoint import CheckpointError

PIECE_BYTES = 16_000_000


def half_weights(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Floating tensors as float16, on the CPU, contiguous."""
    return {
        name: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for name, value in weights.items()
    }


def write_weights(weights: Mapping[str, Tensor], path: Path, header: Mapping[str, str]) -> None:
    """Write a safetensors file in one go: a reader sees it whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(dict(weights), partial, metadata=dict(header))
    partial.replace(path)


def write_pieces(
    weights: Mapping[str, Tensor],
    folder: Path,
    stem: str,
    header: Mapping[str, str],
    limit: int = PIECE_BYTES,
) -> list[Path]:
    """Write `<stem>-<i>of<n>.safetensors`, none with more than `limit` bytes of tensors unless a single one has them."""
    pieces: list[dict[str, Tensor]] = [{}]
    room = limit
    for name, value in half_weights(weights).items():
        if value.nbytes > room and pieces[-1]:
            pieces.append({})
            room = limit
        pieces[-1][name] = value
        room -= value.nbytes
    paths = []
    for number, piece in enumerate(pieces, start=1):
        path = folder / f"{stem}-{number}of{len(pieces)}.safetensors"
        write_weights(piece, path, {**header, "piece": f"{number} of {len(pieces)}"})
        paths.append(path)
    return paths


def read_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Weights and header of one file. CheckpointError for one that cannot be read."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dict)
            return tensors, dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is no readable piece: {error}") from error


def read_pieces(paths: Iterable[Path]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Weights and header of all pieces of one export, in any order.

    CheckpointError for an unreadable or missing piece, or pieces of different exports.
    """
    weights: dict[str, Tensor] = {}
    headers: dict[str, dict[str, str]] = {}
    for path in paths:
        tensors, header = read_weights(path)
        headers[header.pop("piece", "")] = header
        weights |= tensors
    count = next(iter(headers), "").rpartition(" of ")[2]
    if not count.isdigit() or set(headers) != {f"{i} of {count}" for i in range(1, int(count) + 1)}:
        raise CheckpointError(f"not the pieces of one export: {', '.join(headers) or 'none given'}")
    first, *others = headers.values()
    if any(header != first for header in others):
        raise CheckpointError("the pieces are of different exports")
    return weights, first


def header_of(model_name: str, step: int, licence: str = "Apache-2.0") -> dict[str, str]:
    """What the header of a weights file says."""
    return {"architecture": model_name, "licence": licence, "step": str(step)}
