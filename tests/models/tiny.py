"""An artifact of the tiny model with random weights: what processes run on in tests."""

from pathlib import Path


def write_tiny(folder: Path) -> Path:
    """A models folder below `folder` with one exported artifact."""
    import torch
    from safetensors.torch import save_file

    from models.sam.artifact import write_artifact
    from models.sam.build import build_sam

    torch.manual_seed(0)
    weights = folder / "tiny.safetensors"
    save_file(build_sam("tiny").state_dict(), weights)
    write_artifact("tiny", weights, folder / "models")
    return folder / "models"
