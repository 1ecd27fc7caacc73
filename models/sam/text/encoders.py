"""What turns words into vectors: one small interface, and who offers it.

Sentence encoders know words alone. CLIP knows pictures too, which is what the paper trains with; its weights are not ours
to ship, so they come from a folder that somebody names.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from models.sam.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DEFAULT = "minilm"


class TextEncoder(Protocol):
    """`name` says which one, weights included, as name@first 12 hex digits of their SHA-256; `dim` is D."""

    name: str
    dim: int

    def embed(self, texts: list[str]) -> np.ndarray:
        """float32 [N, D], each of length 1. ValueError for a text without a word."""
        ...


class ImageSide(Protocol):
    """An encoder of pictures into the space of a text encoder; the paper's training prompts."""

    name: str
    dim: int

    def embed_objects(self, pictures: Sequence[np.ndarray], masks: Sequence[np.ndarray]) -> np.ndarray:
        """float32 [N, D] of length 1: of square pictures uint8 [s, s, 3] and masks bool [s, s] of what is meant."""
        ...


def open_text_encoder(which: str = DEFAULT) -> TextEncoder:
    """`minilm`, the sentence encoder of an installed package; `minilm:FOLDER` and `clip:FOLDER` read other weights.

    ModelError `text.encoder_unknown`, `text.not_installed`, `text.unreadable`.
    """
    kind, _, folder = which.partition(":")
    opener = _OPENERS.get(kind)
    if opener is None or (kind != DEFAULT and not folder):
        raise ModelError(
            "text.encoder_unknown",
            f"{which!r} is no text encoder: say minilm, minilm:FOLDER or clip:FOLDER.",
        )
    return opener(Path(folder) if folder else None)


def checked(texts: Sequence[str]) -> list[str]:
    """The texts without blanks around them. ValueError for one that is nothing else."""
    stripped = [text.strip() for text in texts]
    if not all(stripped):
        raise ValueError("a text prompt needs a word")
    return stripped


def open_tokenizer(path: Path) -> "Tokenizer":
    """The tokenizer in a `tokenizer.json`. ModelError `text.not_installed`, `text.unreadable`."""
    if find_spec("tokenizers") is None:
        raise ModelError(
            "text.not_installed", "Text prompts need the package tokenizers: pip install tokenizers."
        )
    from tokenizers import Tokenizer

    if not path.is_file():
        raise ModelError("text.unreadable", f"There is no {path.name} in {path.parent}.")
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare exceptions
        raise ModelError("text.unreadable", f"{path} is no tokenizer: {error}.") from error


def _minilm(folder: Path | None) -> TextEncoder:
    from models.sam.text.sentence_encoder import SentenceEncoder, installed_folder

    return SentenceEncoder(folder) if folder else SentenceEncoder(*installed_folder())


def _clip(folder: Path | None) -> TextEncoder:
    from models.sam.text.clip_encoder import ClipEncoder

    assert folder is not None
    return ClipEncoder(folder)


_OPENERS: dict[str, Callable[[Path | None], TextEncoder]] = {DEFAULT: _minilm, "clip": _clip}
