"""Golden arrays, weights of the tiny model as files, torch in one thread."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.sam.modeling.sam import Sam
from models.sam.parity.tiny import load_tiny

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden"


@pytest.fixture(scope="session")
def golden() -> Path:
    return GOLDEN


@pytest.fixture(scope="session")
def tiny_sam() -> Sam:
    """The tiny model with golden weights; tests must not change it."""
    return load_tiny(GOLDEN)


@pytest.fixture(scope="session")
def tiny_safetensors(tiny_sam: Sam, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_file({name: tensor.half() for name, tensor in tiny_sam.state_dict().items()}, path)
    return path


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_sam: Sam, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "tiny.pth"
    torch.save(tiny_sam.state_dict(), path)
    return path


@pytest.fixture
def one_thread() -> Iterator[None]:
    """torch computes in one thread while the test runs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
