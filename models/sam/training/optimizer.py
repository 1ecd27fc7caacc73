"""Parameter groups of AdamW: which weights decay, and how much slower the image encoder's early layers learn.

Layer-wise decay as for ViT detectors (arXiv 2203.16527, appendix A.2; SAM paper, appendix A): a layer's learning rate is
multiplied by the decay once for every layer above it, the neck and everything after the encoder learn at the full rate.
"""

import re
from collections.abc import Sequence
from typing import Any

from torch import nn

ENCODER = "image_encoder."
INPUT_LAYERS = ("pos_embed", "patch_embed", "stem")
# Whole parts of a name: `cross_attn_token_to_image` is no token, and `patch_embed.proj` a kernel as any other.
UNDECAYED = re.compile(
    r"(^|\.)(iou_token|mask_tokens?|class_token|point_embeddings|not_a_point_embed|no_mask_embed|pos_embed|rel_pos_[hw]|attention_biases)(\.|$)"
)
# `blocks.7.` of a ViT, `stage8.1.` of the hybrid encoder, `layers.1.blocks.0.` and `layers.1.downsample.` of TinyViT
REPEATED_LAYER = re.compile(r"((blocks|stage\d+)\.\d+|layers\.\d+\.(blocks\.\d+|downsample))\.")


def parameter_groups(model: nn.Module, weight_decay: float, layer_decay: float = 1.0) -> list[dict[str, Any]]:
    """Groups with `weight_decay` and `lr_scale`, the factor of the learning rate.

    Weight decay is for matrices and kernels only; biases, norms, position tables and learned tokens go without. What is
    frozen is in none.
    ValueError unless 0 < layer_decay <= 1.
    """
    scales = learning_rate_scales(model, layer_decay)
    groups: dict[tuple[bool, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        decays = parameter.ndim >= 2 and not UNDECAYED.search(name)
        groups.setdefault((decays, scales[name]), []).append(parameter)
    return [
        {"params": parameters, "weight_decay": weight_decay if decays else 0.0, "lr_scale": scale}
        for (decays, scale), parameters in sorted(groups.items(), key=lambda item: item[0], reverse=True)
    ]


def freeze_all_but(model: nn.Module, parts: Sequence[str]) -> None:
    """Only parameters whose names begin with one of `parts` learn; all of them where there are none.

    ValueError for a part that no parameter belongs to.
    """
    names = [name for name, _ in model.named_parameters()]
    for part in parts:
        if not any(name.startswith(part) for name in names):
            raise ValueError(f"no parameter's name begins with {part}")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not parts or name.startswith(tuple(parts)))


def learning_rate_scales(model: nn.Module, layer_decay: float) -> dict[str, float]:
    """Parameter name -> factor of the learning rate; 1 outside the image encoder and in its neck."""
    if not 0 < layer_decay <= 1:
        raise ValueError(f"the layer-wise decay must be above 0 and at most 1, got {layer_decay}")
    layers: dict[str, int] = {}
    depth_of: dict[str, int | None] = {}
    for name, _ in model.named_parameters():
        inner = name.removeprefix(ENCODER)
        repeated = REPEATED_LAYER.match(inner)
        if inner == name or not (repeated or inner.startswith(INPUT_LAYERS)):
            depth_of[name] = None
        elif repeated:
            depth_of[name] = layers.setdefault(repeated.group(), len(layers) + 1)
        else:
            depth_of[name] = 0
    top = len(layers) + 1
    return {name: 1.0 if depth is None else layer_decay ** (top - depth) for name, depth in depth_of.items()}
