"""A model by name, artifact folder, weights file or training checkpoint: what the commands take."""

from pathlib import Path

from models.sam.artifact import load_artifact, shipped_weights
from models.sam.build import MODELS, sam_from_state_dict, shapes_of
from models.sam.errors import ModelError
from models.sam.modeling.sam import Sam
from models.sam.training.checkpoint import is_training_checkpoint, load_checkpoint
from models.sam.weights import check_shapes, load_weights


def load_model(name: str, weights: Path | None, device: str) -> Sam:
    """The model of an artifact folder, or registry name `name` with `weights` or the shipped ones.

    ModelError or CheckpointError if that cannot be had.
    """
    if name not in MODELS and Path(name).is_dir():
        if weights:
            raise ModelError(
                "model.two_weights", f"{name} is an artifact with its own weights: leave --weights out."
            )
        return load_artifact(Path(name), device)
    if name not in MODELS:
        raise ModelError("model.unknown", f"{name!r} is neither a known model nor an artifact folder.")
    file = weights or shipped_weights(name)
    of_run = is_training_checkpoint(file)
    state = load_checkpoint(file)["average"]["weights"] if of_run else load_weights(file)
    check_shapes(name, shapes_of(state))
    return sam_from_state_dict(name, state).to(device).eval()
