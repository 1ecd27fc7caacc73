"""Tokens and an image embedding to masks and IoU predictions (SAM paper, appendix A).

Shape suffixes: N prompts, B images, C width, E embedding side, L = 4E low-res side, M masks (4: single, then
whole/part/subpart).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.cpu_training import masks_from_cells, trains_on_cpu
from models.sam.modeling.mask_quality import MaskQuality
from models.sam.modeling.mask_smoothing import MaskSmoothing
from models.sam.modeling.transformer import TwoWayTransformer


class MLP(nn.Module):
    """`num_layers` linear layers with ReLU between."""

    def __init__(self, input_dim: int, hidden_dim: int, output_dim: int, num_layers: int) -> None:
        super().__init__()
        widths = [input_dim] + [hidden_dim] * (num_layers - 1) + [output_dim]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


class MaskDecoder(nn.Module):
    """Predicts `num_multimask_outputs + 1` masks per prompt; mask 0 belongs to the single-mask token."""

    def __init__(
        self,
        transformer_dim: int,
        transformer: TwoWayTransformer,
        num_multimask_outputs: int = 3,
        activation: type[nn.Module] = nn.GELU,
        iou_head_depth: int = 3,
        iou_head_hidden_dim: int = 256,
        mask_quality: bool = False,
        mask_smoothing: int = 0,
        upscaling_widths: tuple[int, int] | None = None,
    ) -> None:
        """`mask_quality` lets the IoU prediction look at the masks, `mask_smoothing` blurs them by a kernel of this
        side; SAM's own models do without. `upscaling_widths` of the two transposed convolutions: C / 4 and C / 8 in
        SAM's own models, which is the default."""
        super().__init__()
        self.transformer = transformer
        self.num_mask_tokens = num_multimask_outputs + 1
        self.iou_token = nn.Embedding(1, transformer_dim)
        self.mask_tokens = nn.Embedding(self.num_mask_tokens, transformer_dim)
        first, second = upscaling_widths or (transformer_dim // 4, transformer_dim // 8)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(transformer_dim, first, kernel_size=2, stride=2),
            LayerNorm2d(first),
            activation(),
            nn.ConvTranspose2d(first, second, kernel_size=2, stride=2),
            activation(),
        )
        self.output_hypernetworks_mlps = nn.ModuleList(
            MLP(transformer_dim, transformer_dim, second, 3) for _ in range(self.num_mask_tokens)
        )
        self.iou_prediction_head = MLP(
            transformer_dim, iou_head_hidden_dim, self.num_mask_tokens, iou_head_depth
        )
        self.mask_quality = MaskQuality(transformer_dim) if mask_quality else None
        self.mask_smoothing = MaskSmoothing(mask_smoothing) if mask_smoothing else None

    def forward(
        self,
        image_embeddings: Tensor,
        image_pe: Tensor,
        sparse_prompt_embeddings: Tensor,
        dense_prompt_embeddings: Tensor,
        multimask_output: bool,
        image_index: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Low-res mask logits and IoU predictions: [N, 3, L, L] and [N, 3], or [N, 1, L, L] and [N, 1].

        Arguments as in `predict_masks`. `multimask_output` takes masks 1..3, else mask 0.
        """
        masks, iou = self.predict_masks(
            image_embeddings, image_pe, sparse_prompt_embeddings, dense_prompt_embeddings, image_index
        )
        chosen = slice(1, None) if multimask_output else slice(0, 1)
        return masks[:, chosen], iou[:, chosen]

    def predict_masks(
        self,
        image_embeddings: Tensor,
        image_pe: Tensor,
        sparse_prompt_embeddings: Tensor,
        dense_prompt_embeddings: Tensor,
        image_index: Tensor | None = None,
        input_share: float = 1.0,
    ) -> tuple[Tensor, Tensor]:
        """All M masks [N, M, L, L] (logits) and IoU predictions [N, M] (no sigmoid: they may leave [0, 1]).

        image_embeddings [B, C, E, E]; image_pe [1, C, E, E]; sparse [N, k, C]; dense [N, C, E, E].
        image_index [N], int64: the image each prompt belongs to. Without it B must be N, or 1 for all
        prompts. `input_share`: how much of the input the embeddings cover, where they are of a window.
        """
        prompts = sparse_prompt_embeddings.shape[0]
        own_tokens = torch.cat([self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([own_tokens[None].expand(prompts, -1, -1), sparse_prompt_embeddings], dim=1)
        if image_index is not None:
            image_embeddings = image_embeddings[image_index]
        # B = 1 broadcasts here; no copy of the embedding per prompt is made before this sum.
        src = image_embeddings + dense_prompt_embeddings

        hidden, cells = self.transformer(src, image_pe, tokens)
        hyper = torch.stack(
            [mlp(hidden[:, 1 + i]) for i, mlp in enumerate(self.output_hypernetworks_mlps)], dim=1
        )
        if trains_on_cpu(self, src):
            masks = masks_from_cells(cells, self.output_upscaling, hyper, src.shape[2:])
        else:
            upscaled = self.output_upscaling(cells.transpose(1, 2).reshape(src.shape))  # [N, C/8, L, L]
            masks = (hyper @ upscaled.flatten(2)).unflatten(2, upscaled.shape[2:])  # [N, M, L, L]
        if self.mask_smoothing is not None:
            masks = self.mask_smoothing(masks)
        iou = self.iou_prediction_head(hidden[:, 0])
        if self.mask_quality is not None:
            tokens = hidden[:, 1 : 1 + self.num_mask_tokens]
            iou = iou + self.mask_quality(masks, cells, hidden[:, 0], tokens, input_share)
        return masks, iou
