"""CLIP's two towers (arXiv 2103.00020), for weights in open_clip's form: the same names and shapes.

open_clip itself imports torchvision, whose builds do not fit every torch; and it has no way to look at a part of a
picture alone, which the paper's training does (7.5, D.5). Towers with patches, a causal text and the end token are
read, as OpenAI's and LAION's are; others are refused.

Shape letters: N pictures or texts, T tokens, P patches, W width of a tower, D of the shared space.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

KNOWN_VISION = frozenset({"image_size", "layers", "width", "patch_size", "head_width", "mlp_ratio"})
KNOWN_TEXT = frozenset({"context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio"})
# Settings that change nothing about an answer.
PASSED_OVER = frozenset({"patch_dropout", "hf_tokenizer_name", "tokenizer_kwargs"})


class Clip(nn.Module):
    """From open_clip's `model_cfg`. ValueError for a kind that is not known here."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        vision, text = config["vision_cfg"], config["text_cfg"]
        for given, known in ((vision, KNOWN_VISION), (text, KNOWN_TEXT)):
            strange = sorted(set(given) - known - PASSED_OVER)
            if strange or not isinstance(given["layers"], int):
                raise ValueError(f"towers with {', '.join(strange) or 'unusual layers'} are not known")
        quick = bool(config.get("quick_gelu", False))
        self.visual = VisionTower(vision, config["embed_dim"], quick)
        width = text["width"]
        self.context_length = text["context_length"]
        self.token_embedding = nn.Embedding(text["vocab_size"], width)
        self.positional_embedding = nn.Parameter(torch.zeros(self.context_length, width))
        self.transformer = Blocks(width, text["layers"], text["heads"], text.get("mlp_ratio", 4.0), quick)
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(torch.zeros(width, config["embed_dim"]))

    def encode_text(self, ids_NT: Tensor) -> Tensor:
        """Token ids [N, T], the highest of each row its end, at most `context_length` -> [N, D]."""
        count = ids_NT.shape[1]
        x = self.token_embedding(ids_NT) + self.positional_embedding[:count]
        future_TT = torch.full((count, count), float("-inf"), device=x.device).triu(1)
        x = self.ln_final(self.transformer(x, future_TT))
        return x[torch.arange(len(x)), ids_NT.argmax(dim=1)] @ self.text_projection

    def encode_image(self, pixels_N3SS: Tensor, looked_at_NP: Tensor | None = None) -> Tensor:
        """Normalised pictures [N, 3, S, S] -> [N, D]. `looked_at` as in `VisionTower`."""
        projected: Tensor = self.visual(pixels_N3SS, looked_at_NP)
        return projected


class VisionTower(nn.Module):
    """A vision transformer that answers with its class token."""

    def __init__(self, config: dict[str, Any], embed_dim: int, quick: bool) -> None:
        super().__init__()
        width, patch = config["width"], config["patch_size"]
        self.image_size, self.patches = config["image_size"], config["image_size"] // patch
        self.heads = width // config.get("head_width", 64)
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(width))
        self.positional_embedding = nn.Parameter(torch.zeros(self.patches**2 + 1, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Blocks(width, config["layers"], self.heads, config.get("mlp_ratio", 4.0), quick)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(torch.zeros(width, embed_dim))

    def forward(self, pixels_N3SS: Tensor, looked_at_NP: Tensor | None = None) -> Tensor:
        """[N, D]. In the last layer the class token attends to the patches `looked_at` alone, bool [N, P], and itself."""
        patches_NPW = self.conv1(pixels_N3SS).flatten(2).transpose(1, 2)
        first_N1W = self.class_embedding.expand(len(patches_NPW), 1, -1)
        x = self.ln_pre(torch.cat([first_N1W, patches_NPW], dim=1) + self.positional_embedding)
        mask = None if looked_at_NP is None else self._attention_mask(looked_at_NP)
        x = self.transformer(x, last_mask=mask)
        return self.ln_post(x[:, 0]) @ self.proj

    def _attention_mask(self, looked_at_NP: Tensor) -> Tensor:
        """What is added to the last layer's attention [N * heads, 1 + P, 1 + P]."""
        count, patches = looked_at_NP.shape
        mask = torch.zeros(count, 1 + patches, 1 + patches, device=looked_at_NP.device)
        mask[:, 0, 1:].masked_fill_(~looked_at_NP, float("-inf"))
        return mask.repeat_interleave(self.heads, dim=0)


class Blocks(nn.Module):
    """Transformer blocks with the norm first."""

    def __init__(self, width: int, layers: int, heads: int, ratio: float, quick: bool) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads, ratio, quick) for _ in range(layers))

    def forward(self, x: Tensor, mask: Tensor | None = None, last_mask: Tensor | None = None) -> Tensor:
        """`mask` is added to every attention, `last_mask` to the last one instead, where given."""
        for number, block in enumerate(self.resblocks, start=1):
            is_last = number == len(self.resblocks) and last_mask is not None
            x = block(x, last_mask if is_last else mask)
        return x


class Block(nn.Module):
    """One block; OpenAI's own weights want `quick`, their approximation of GELU."""

    def __init__(self, width: int, heads: int, ratio: float, quick: bool) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        hidden = int(width * ratio)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, hidden), "c_proj": nn.Linear(hidden, width)})
        self.quick = quick

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        normed = self.ln_1(x)
        x = x + self.attn(normed, normed, normed, need_weights=False, attn_mask=mask)[0]
        hidden = self.mlp["c_fc"](self.ln_2(x))
        hidden = hidden * (1.702 * hidden).sigmoid() if self.quick else F.gelu(hidden)
        return x + self.mlp["c_proj"](hidden)
