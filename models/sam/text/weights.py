"""The file of a model's text prompts: safetensors, whose header says for which model and which text encoder they
learned."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from models.sam.errors import ModelError
from models.sam.modeling.text_prompt import TextPrompt
from models.sam.text.image_side import MaskToText
from models.sam.text.vocabulary import Vocabulary
from models.sam.training.export import half_weights, write_weights

KIND = "text prompt 1"


@dataclass(frozen=True)
class TextWeights:
    """What was learned. `model` and `encoder` as name@version; `image_side` None where the encoder brings its own."""

    prompt: TextPrompt
    vocabulary: Vocabulary
    model: str
    encoder: str
    image_side: MaskToText | None = None
    quality: Mapping[str, float] = field(default_factory=dict)


def save_text(text: TextWeights, path: Path) -> None:
    """Writes it as float16."""
    prompt = text.prompt
    tensors = {f"prompt.{name}": value for name, value in prompt.state_dict().items()}
    if text.image_side is not None:
        tensors |= {f"image_side.{name}": value for name, value in text.image_side.state_dict().items()}
    tensors["vocabulary"] = torch.from_numpy(text.vocabulary.embeddings)
    header = {
        "kind": KIND,
        "model": text.model,
        "encoder": text.encoder,
        "text_dim": str(prompt.text_dim),
        "embed_dim": str(prompt.embed_dim),
        "has_map": str(int(prompt.has_map)),
        "width": str(prompt.width),
        "vocabulary": json.dumps(text.vocabulary.names),
        "quality": json.dumps(dict(text.quality)),
    }
    write_weights(half_weights(tensors), path, header)


def load_text(path: Path, device: str | torch.device = "cpu") -> TextWeights:
    """What `save_text` wrote, in eval mode. ModelError `text.unreadable`."""
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118  (not a dict)
        if header.get("kind") != KIND:
            raise ValueError("it holds no text prompts of this kind")
        prompt = TextPrompt(
            int(header["text_dim"]), int(header["embed_dim"]), header["has_map"] == "1", int(header["width"])
        )
        prompt.load_state_dict(_part(tensors, "prompt."))
        side = None
        if found := _part(tensors, "image_side."):
            side = MaskToText(prompt.embed_dim, prompt.text_dim)
            side.load_state_dict(found)
            side = side.to(device).eval()
        # Float16 costs them their exact length.
        embeddings = np.asarray(torch.nn.functional.normalize(tensors["vocabulary"], dim=-1))
        return TextWeights(
            prompt.to(device).eval(),
            Vocabulary(json.loads(header["vocabulary"]), embeddings),
            header["model"],
            header["encoder"],
            side,
            json.loads(header["quality"]),
        )
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise ModelError("text.unreadable", f"{path.name} cannot be read: {error}.") from error


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
