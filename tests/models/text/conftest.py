"""A painted world with two words, a model that looks at it in milliseconds, and vectors for words without an encoder."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.sam.build import MODELS, build_sam
from models.sam.modeling.sam import Sam
from models.sam.modeling.text_prompt import TextPrompt
from models.sam.rle import encode
from models.sam.training.data_sources import AnnotatedImage
from models.sam.training.shard import write_images
from tests.models.miniature import MINIATURE
from tests.models.text.bert import write_bert

SIDE = 64
WORDS = {"tomato": (200, 40, 30), "sea": (30, 60, 190)}
DIM = 12


class WordVectors:
    """A vector for each word, the same for the same letters."""

    name, dim = "vectors@000000000000", DIM

    def embed(self, texts: list[str]) -> np.ndarray:
        rows = []
        for text in texts:
            row = np.random.default_rng([ord(letter) for letter in text]).normal(size=DIM)
            rows.append(row / np.linalg.norm(row))
        return np.array(rows, np.float32).reshape(-1, DIM)


@pytest.fixture(autouse=True)
def sums_in_one_order(one_thread: None) -> None:
    """Runs are compared bit by bit."""


@pytest.fixture
def encoder() -> WordVectors:
    return WordVectors()


@pytest.fixture
def bert_folder(tmp_path: Path) -> Path:
    """A folder that `minilm:FOLDER` reads; the test is skipped where nothing can read its words."""
    folder = tmp_path / "bert"
    folder.mkdir()
    write_bert(folder)
    return folder


@pytest.fixture
def miniature(monkeypatch: pytest.MonkeyPatch) -> Sam:
    """A model with random weights, always the same, registered as `miniature`."""
    monkeypatch.setitem(MODELS, "miniature", MINIATURE)
    torch.manual_seed(5)
    return build_sam(MINIATURE).eval()


@pytest.fixture
def prompt() -> TextPrompt:
    """Text prompts for it, of which no part is zero."""
    torch.manual_seed(6)
    text = TextPrompt(DIM, MINIATURE.prompt_width)
    assert text.has_map
    torch.nn.init.normal_(text.project.weight, std=0.3)
    return text


@pytest.fixture
def paint() -> Callable[[int, str], AnnotatedImage]:
    return painted


def painted(seed: int, split: str = "train") -> AnnotatedImage:
    """Grey noise with a red and a blue rectangle, one in each half."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(110, 140, (SIDE, SIDE, 3), dtype=np.uint8)
    halves, segmentations = [0, SIDE // 2], []
    rng.shuffle(halves)
    for left, colour in zip(halves, WORDS.values(), strict=True):
        mask = np.zeros((SIDE, SIDE), bool)
        height, width = rng.integers(18, 28, 2)
        top, x0 = rng.integers(2, SIDE - 30), left + rng.integers(1, SIDE // 2 - width)
        mask[top : top + height, x0 : x0 + width] = True
        pixels[mask] = colour
        segmentations.append(dict(encode(mask)))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    name = f"{split}{seed}.png"
    return AnnotatedImage("painted", name, SIDE, SIDE, split, file.getvalue(), segmentations, list(WORDS))


@pytest.fixture
def painted_set(tmp_path: Path) -> Path:
    """Twelve training and four val images in a shard."""
    path = tmp_path / "painted.tar"
    write_images([*(painted(n) for n in range(12)), *(painted(n, "val") for n in range(20, 24))], path)
    return path
