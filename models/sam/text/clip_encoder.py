"""CLIP as text encoder and as its image side, from a folder in the form that open_clip publishes.

Files: `open_clip_config.json` (`model_cfg`, `preprocess_cfg`), `open_clip_model.safetensors`, `tokenizer.json`.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from models.sam.errors import ModelError
from models.sam.manifest import sha256_file
from models.sam.text.clip import Clip
from models.sam.text.encoders import checked, open_tokenizer
from models.sam.weights import load_weights

CONFIG, WEIGHTS, TOKENS = "open_clip_config.json", "open_clip_model.safetensors", "tokenizer.json"
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
# For the losses of its own training; nothing is embedded with them.
UNUSED = ("logit_scale", "logit_bias")
AT_ONCE = 16


class ClipEncoder:
    """A `TextEncoder` and an `ImageSide`. Runs on the CPU."""

    def __init__(self, folder: Path) -> None:
        """ModelError `text.not_installed`, `text.unreadable`."""
        self._tokenizer = open_tokenizer(folder / TOKENS)
        try:
            content = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
            self._clip = Clip(content["model_cfg"])
            weights = load_weights(folder / WEIGHTS)
            kept = {name: value.float() for name, value in weights.items() if name not in UNUSED}
            self._clip.load_state_dict(kept)
            self.name = f"clip@{sha256_file(folder / WEIGHTS)[:12]}"
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, ModelError) as error:
            raise ModelError("text.unreadable", f"{folder} holds no CLIP that is known: {error}.") from error
        self._clip.eval()
        self.dim = int(content["model_cfg"]["embed_dim"])
        prepared = content.get("preprocess_cfg", {})
        self._mean, self._std = (
            torch.tensor(prepared.get(key, usual)).reshape(3, 1, 1)
            for key, usual in (("mean", MEAN), ("std", STD))
        )
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._clip.context_length)

    @torch.no_grad()
    def embed(self, texts: list[str]) -> np.ndarray:
        """As `TextEncoder.embed`."""
        parts = [np.zeros((0, self.dim), np.float32)]
        for text in checked(texts):
            # One by one: what follows the end token is never looked at, so that none needs padding.
            ids = torch.tensor([self._tokenizer.encode(text).ids])
            parts.append(nn.functional.normalize(self._clip.encode_text(ids), dim=-1).numpy())
        return np.concatenate(parts)

    @torch.no_grad()
    def embed_objects(self, pictures: Sequence[np.ndarray], masks: Sequence[np.ndarray]) -> np.ndarray:
        """As `ImageSide.embed_objects`: in the last layer only the patches that a mask touches are looked at."""
        parts = [np.zeros((0, self.dim), np.float32)]
        for start in range(0, len(pictures), AT_ONCE):
            pixels = torch.stack([self._prepared(one) for one in pictures[start : start + AT_ONCE]])
            looked_at = torch.stack([self._touched(one) for one in masks[start : start + AT_ONCE]])
            parts.append(nn.functional.normalize(self._clip.encode_image(pixels, looked_at), dim=-1).numpy())
        return np.concatenate(parts)

    def _prepared(self, picture: np.ndarray) -> Tensor:
        """A picture at the model's size, bicubic, normalised."""
        side = self._clip.visual.image_size
        resized = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
        pixels = torch.from_numpy(np.asarray(resized).copy()).permute(2, 0, 1).float() / 255
        return (pixels - self._mean) / self._std

    def _touched(self, mask: np.ndarray) -> Tensor:
        """Which patches [P] hold some of a mask; all of them where none does."""
        share = nn.functional.adaptive_max_pool2d(
            torch.from_numpy(mask)[None].float(), self._clip.visual.patches
        )
        touched = share.flatten() > 0
        return touched if bool(touched.any()) else torch.ones_like(touched)
