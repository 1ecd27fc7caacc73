"""Which models exist and their numbers.

A new model is one entry in `MODELS`; a new kind of encoder is a file in `modeling/` with its configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

import torch
from torch import Tensor, nn

from models.sam.modeling.hybrid_encoder import HybridConfig
from models.sam.modeling.image_encoder import ViTConfig
from models.sam.modeling.mask_decoder import MaskDecoder
from models.sam.modeling.mask_smoothing import MOVES
from models.sam.modeling.prompt_encoder import PromptEncoder
from models.sam.modeling.sam import Sam
from models.sam.modeling.tiny_vit import TinyViTConfig
from models.sam.modeling.transformer import TwoWayTransformer

ACTIVATIONS: dict[str, type[nn.Module]] = {"gelu": nn.GELU, "relu": nn.ReLU}


class EncoderConfig(Protocol):
    """What the registry asks of an image encoder's configuration."""

    @property
    def takes_windows(self) -> bool:
        """Whether the encoder also embeds a smaller square than the model's input, cell for cell alike."""
        ...

    def embedding_side(self, image_size: int) -> int:
        """Side E of the embedding grid for a square input of `image_size` pixels."""
        ...

    def build(self, image_size: int, out_channels: int) -> nn.Module:
        """A module [B, 3, S, S] -> [B, out_channels, E, E]."""
        ...


@dataclass(frozen=True)
class SamConfig:
    """Numbers of one model: `image_size` is the side S of the square input, `prompt_width` the width C."""

    name: str
    encoder: EncoderConfig
    image_size: int = 1024
    prompt_width: int = 256
    mask_in_chans: int = 16
    prompt_maps: bool = False  # points and boxes drawn into the dense prompt embedding as well
    prompt_similarity: bool = False  # and what looks like them; needs prompt_maps
    prompt_rank: int = 0  # width that both are drawn at before they are widened; 0 for no such step
    mask_quality: bool = False  # the IoU prediction looks at the masks
    mask_smoothing: int = 0  # side of the kernel that low-res masks are blurred with; 0 for none
    num_multimask_outputs: int = 3
    transformer_depth: int = 2
    transformer_heads: int = 8
    transformer_mlp_dim: int = 2048
    attention_downsample_rate: int = 2
    upscaling_activation: str = "gelu"
    upscaling_widths: tuple[int, int] | None = (
        None  # of the two transposed convolutions; None for C / 4 and C / 8
    )
    iou_head_depth: int = 3
    iou_head_hidden_dim: int = 256

    @property
    def embedding_side(self) -> int:
        """Side E of the embedding grid."""
        return self.encoder.embedding_side(self.image_size)

    @property
    def embedding_shape(self) -> tuple[int, int, int, int]:
        """[1, C, E, E]."""
        return 1, self.prompt_width, self.embedding_side, self.embedding_side

    @property
    def low_res_size(self) -> tuple[int, int]:
        """(H, W) of the low-res masks, 4E each."""
        return 4 * self.embedding_side, 4 * self.embedding_side


MODELS: dict[str, SamConfig] = {
    config.name: config
    for config in (
        SamConfig(
            name="tiny",
            encoder=ViTConfig(width=32, depth=4, num_heads=2, global_attn_indexes=(1, 3), window_size=7),
            image_size=256,
            prompt_width=64,
            transformer_mlp_dim=128,
            iou_head_hidden_dim=64,
        ),
        SamConfig("vit_b", ViTConfig(768, 12, 12, (2, 5, 8, 11))),
        SamConfig("vit_l", ViTConfig(1024, 24, 16, (5, 11, 17, 23))),
        SamConfig("vit_h", ViTConfig(1280, 32, 16, (7, 15, 23, 31))),
        SamConfig("mobile_sam", TinyViTConfig()),
        SamConfig(
            name="anymask_s",
            encoder=HybridConfig(),
            image_size=512,
            prompt_width=128,
            prompt_maps=True,
            prompt_similarity=True,
            mask_quality=True,
            mask_smoothing=5,
            # Wide heads and ReLU: half the time of 8 heads and GELU when training on a CPU.
            transformer_heads=4,
            transformer_mlp_dim=1024,
            upscaling_activation="relu",
            iou_head_hidden_dim=128,
        ),
    )
}


def model_config(name: str) -> SamConfig:
    """The configuration registered as `name`; ValueError names the known ones."""
    if name not in MODELS:
        raise ValueError(f"unknown model {name!r}; known: {', '.join(sorted(MODELS))}")
    return MODELS[name]


# Parts a model may lack: field of `SamConfig` -> how its weights' names begin.
OPTIONAL_PARTS = {
    "prompt_maps": "prompt_encoder.prompt_maps.",
    "prompt_similarity": "prompt_encoder.prompt_similarity.",
    "mask_quality": "mask_decoder.mask_quality.",
    "mask_smoothing": "mask_decoder.mask_smoothing.",
}

SMOOTHING_KERNEL = OPTIONAL_PARTS["mask_smoothing"] + "kernel"

# What a decoder may have been narrowed in.
MAPS_WEIGHT = OPTIONAL_PARTS["prompt_maps"] + "project.weight"
UPSCALING_WEIGHTS = ("mask_decoder.output_upscaling.0.weight", "mask_decoder.output_upscaling.3.weight")


def config_for_weights(model: str | SamConfig, shapes: Mapping[str, tuple[int, ...]]) -> SamConfig:
    """The model's configuration, less the optional parts that none of the weights belong to, and with their smoothing,
    the rank of their prompts and the widths of their upscaling.

    `shapes`: the weights' names and shapes. Those made before a part was added to a model or changed stay usable.
    """
    config = model_config(model) if isinstance(model, str) else model
    known = {part: any(name.startswith(prefix) for name in shapes) for part, prefix in OPTIONAL_PARTS.items()}
    side = shapes.get(SMOOTHING_KERNEL, (0,))[0]
    return replace(
        with_widths_of(config, shapes),
        prompt_maps=config.prompt_maps and known["prompt_maps"],
        prompt_similarity=config.prompt_similarity and known["prompt_similarity"],
        mask_quality=config.mask_quality and known["mask_quality"],
        mask_smoothing=side if config.mask_smoothing and side in (0, *MOVES) else config.mask_smoothing,
    )


def with_widths_of(config: SamConfig, shapes: Mapping[str, tuple[int, ...]]) -> SamConfig:
    """The configuration with its decoder as narrow as that of weights with these names and shapes."""
    return replace(
        config, prompt_rank=_prompt_rank(config, shapes), upscaling_widths=_upscaling_widths(config, shapes)
    )


def _prompt_rank(config: SamConfig, shapes: Mapping[str, tuple[int, ...]]) -> int:
    """0 where the prompts are drawn at the model's own width."""
    drawn = shapes.get(MAPS_WEIGHT, (config.prompt_width,))[0]
    return drawn if config.prompt_maps and drawn < config.prompt_width else 0


def _upscaling_widths(config: SamConfig, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, int] | None:
    """None where they are not narrower than SAM's."""
    usual = config.prompt_width // 4, config.prompt_width // 8
    first, second = (
        shapes.get(name, (0, width))[1] for name, width in zip(UPSCALING_WEIGHTS, usual, strict=True)
    )
    return (first, second) if first <= usual[0] and second <= usual[1] and (first, second) != usual else None


def build_sam(model: str | SamConfig) -> Sam:
    """The model named or configured, with fresh random weights."""
    config = model_config(model) if isinstance(model, str) else model
    grid = (config.embedding_side, config.embedding_side)
    return Sam(
        image_encoder=config.encoder.build(config.image_size, config.prompt_width),
        prompt_encoder=PromptEncoder(
            embed_dim=config.prompt_width,
            image_embedding_size=grid,
            input_image_size=(config.image_size, config.image_size),
            mask_in_chans=config.mask_in_chans,
            prompt_maps=config.prompt_maps,
            prompt_similarity=config.prompt_similarity,
            prompt_rank=config.prompt_rank,
        ),
        mask_decoder=MaskDecoder(
            transformer_dim=config.prompt_width,
            transformer=TwoWayTransformer(
                depth=config.transformer_depth,
                embedding_dim=config.prompt_width,
                num_heads=config.transformer_heads,
                mlp_dim=config.transformer_mlp_dim,
                attention_downsample_rate=config.attention_downsample_rate,
            ),
            num_multimask_outputs=config.num_multimask_outputs,
            activation=ACTIVATIONS[config.upscaling_activation],
            iou_head_depth=config.iou_head_depth,
            iou_head_hidden_dim=config.iou_head_hidden_dim,
            mask_quality=config.mask_quality,
            mask_smoothing=config.mask_smoothing,
            upscaling_widths=config.upscaling_widths,
        ),
        image_size=config.image_size,
    )


def shapes_of(state_dict: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Name -> shape."""
    return {name: tuple(tensor.shape) for name, tensor in state_dict.items()}


def state_dict_shapes(model: str | SamConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the model's parameters and saved buffers, without allocating them."""
    with torch.device("meta"):
        return shapes_of(build_sam(model).state_dict())


def sam_from_state_dict(model: str | SamConfig, state_dict: Mapping[str, Tensor]) -> Sam:
    """The model with the given weights as float32; RuntimeError for missing, extra or misshaped names.

    It is built without the optional parts that the weights do not know (`config_for_weights`).

    The weights are adopted, not copied: the largest model is in memory once, and no time goes into random
    initial weights.
    """
    weights = {
        name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state_dict.items()
    }
    model = config_for_weights(model, shapes_of(weights))
    with torch.device("meta"):
        sam = build_sam(model)
    sam.load_state_dict(weights, strict=True, assign=True)
    if any(tensor.is_meta for tensor in chain(sam.parameters(), sam.buffers())):
        # An encoder keeps values outside its state dict; only a real construction makes those.
        sam = build_sam(model)
        sam.load_state_dict(weights, strict=True)
    return sam
