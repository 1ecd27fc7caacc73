"""A real artifact of the tiny model, made once per run: random weights, everything else as in production."""

from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from safetensors.torch import save_file

from models.sam.artifact import write_artifact
from models.sam.build import build_sam


@lru_cache(maxsize=1)
def tiny_models_dir() -> Path:
    """A MODELS_DIR holding one version of `tiny`; callers must not change it."""
    import torch

    torch.manual_seed(0)
    folder = Path(mkdtemp(prefix="anymask-models-"))
    weights = folder / "tiny.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in build_sam("tiny").state_dict().items()}, weights)
    write_artifact("tiny", weights, folder / "models")
    return folder / "models"


def tiny_folder() -> Path:
    """The artifact's own folder, <models>/tiny/<version>."""
    return next(tiny_models_dir().glob("tiny/*/manifest.json")).parent
