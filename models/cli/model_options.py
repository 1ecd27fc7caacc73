"""The options of every command that answers with a model: which one, which weights, where it runs."""

import argparse
from pathlib import Path

import torch

from models.sam.artifact import shipped_weights
from models.sam.build import MODELS
from models.sam.load import load_model
from models.sam.predictor import SamPredictor
from models.sam.training.checkpoint import is_training_checkpoint, load_checkpoint
from models.sam.training.export import read_weights


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """--model, --weights, --device and --threads, as `predictor_of` reads them."""
    add = parser.add_argument
    add(
        "--model",
        required=True,
        metavar="NAME",
        help=f"one of {', '.join(sorted(MODELS))}, or an artifact folder",
    )
    add("--weights", type=Path, help="weights file or training checkpoint; default: what ships for NAME")
    add("--device", default="cpu")
    add("--threads", type=int, help="CPU threads of torch")


def predictor_of(options: argparse.Namespace) -> SamPredictor:
    """The predictor that was asked for. ModelError or CheckpointError as `load_model`."""
    if options.threads:
        torch.set_num_threads(options.threads)
    return SamPredictor(load_model(options.model, options.weights, options.device))


def steps_of(options: argparse.Namespace) -> int:
    """Steps that made the masks, as a training checkpoint or the header of a weights file tells; 0 where neither does.
    ModelError or CheckpointError for a file that cannot be read."""
    weights: Path | None = options.weights
    if weights is None and options.model in MODELS:
        weights = shipped_weights(options.model)
    if weights is None:
        return 0
    if is_training_checkpoint(weights):
        return int(load_checkpoint(weights)["step"])
    return int(read_weights(weights)[1].get("step", 0)) if weights.suffix == ".safetensors" else 0
