"""Prompts to tokens: points, boxes, masks and text (SAM paper, appendix A).

Frame: pixels of the model's input (long side = image size), XY order, XYXY boxes. Sparse prompts are groups
of tokens [B, k, C] put one after the other: points, box corners, then the text.
"""

import math

import torch
from torch import Tensor, nn

from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.grid import Grid
from models.sam.modeling.labels import BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, NOT_A_POINT
from models.sam.modeling.prompt_maps import PromptMaps
from models.sam.modeling.prompt_similarity import PromptSimilarity
from models.sam.modeling.text_prompt import TextPrompt


class PositionEmbeddingRandom(nn.Module):
    """Random Fourier features of positions in the unit square; the matrix is saved but never trained."""

    positional_encoding_gaussian_matrix: Tensor

    def __init__(self, num_pos_feats: int, scale: float = 1.0) -> None:
        super().__init__()
        self.register_buffer("positional_encoding_gaussian_matrix", scale * torch.randn(2, num_pos_feats))

    def encode(self, coords: Tensor) -> Tensor:
        """`coords` [..., 2] in [0, 1], XY -> [..., C]: sines, then cosines. Always computed in float32."""
        # Under autocast the product would run in bfloat16, whose 8 bits cannot tell neighbouring pixels
        # apart.
        with torch.autocast(coords.device.type, enabled=False):
            matrix = self.positional_encoding_gaussian_matrix.float()
            angles = (2 * math.pi) * ((2 * coords.float() - 1) @ matrix)
            return torch.cat([angles.sin(), angles.cos()], dim=-1)

    def forward(self, grid: Grid) -> Tensor:
        """Positions of the cell centres of a grid -> [C, H, W]."""
        centres_HW2 = grid.centres(self.positional_encoding_gaussian_matrix.device)
        return self.encode(centres_HW2).permute(2, 0, 1)


class ImageOfPrompts:
    """Image embeddings [B, C, E, E] that prompts are about, one for all of them or one each; described once.

    `index` [N], int64: the image of each prompt, where there are several.
    """

    def __init__(self, embeddings: Tensor, index: Tensor | None = None) -> None:
        self.embeddings = embeddings
        self.index = index
        self._descriptors: Tensor | None = None
        self._compared: Tensor | None = None

    def descriptors(self, similarity: PromptSimilarity) -> Tensor:
        """Of each prompt's image [N or 1, H, d, P]."""
        if self._descriptors is None:
            described = similarity.descriptors(self.embeddings)
            self._descriptors = described if self.index is None else described[self.index]
        return self._descriptors

    def compared(self, text: TextPrompt) -> Tensor:
        """What words are compared with, of each prompt's image [N or 1, K, h, w]."""
        if self._compared is None:
            compared = text.compared(self.embeddings)
            self._compared = compared if self.index is None else compared[self.index]
        return self._compared


class PromptEncoder(nn.Module):
    """Sparse and dense prompt embeddings of width `embed_dim` for a grid of `image_embedding_size` cells."""

    def __init__(
        self,
        embed_dim: int,
        image_embedding_size: tuple[int, int],
        input_image_size: tuple[int, int],
        mask_in_chans: int,
        prompt_maps: bool = False,
        prompt_similarity: bool = False,
        prompt_rank: int = 0,
    ) -> None:
        """`prompt_maps` draws points and boxes into the dense embedding too, `prompt_similarity` what looks like them;
        SAM's own models do without. With a `prompt_rank` both are drawn at this width and widened to `embed_dim`, which
        is cheaper to decode. ValueError for similarity or a rank without maps."""
        super().__init__()
        self.embed_dim = embed_dim
        self.image_embedding_size = image_embedding_size
        self.input_image_size = input_image_size
        self.pe_layer = PositionEmbeddingRandom(embed_dim // 2)
        # One table per label: background, foreground, top-left corner, bottom-right corner.
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, embed_dim) for _ in range(4))
        self.not_a_point_embed = nn.Embedding(1, embed_dim)
        self.mask_downscaling = nn.Sequential(
            nn.Conv2d(1, mask_in_chans // 4, kernel_size=2, stride=2),
            LayerNorm2d(mask_in_chans // 4),
            nn.GELU(),
            nn.Conv2d(mask_in_chans // 4, mask_in_chans, kernel_size=2, stride=2),
            LayerNorm2d(mask_in_chans),
            nn.GELU(),
            nn.Conv2d(mask_in_chans, embed_dim, kernel_size=1),
        )
        self.no_mask_embed = nn.Embedding(1, embed_dim)
        if prompt_similarity and not prompt_maps:
            raise ValueError("prompt_similarity is mixed with prompt_maps and needs them")
        if prompt_rank and not prompt_maps:
            raise ValueError("prompt_rank is the width of prompt_maps and needs them")
        width = prompt_rank or embed_dim
        self.prompt_maps = PromptMaps(width) if prompt_maps else None
        self.prompt_similarity = PromptSimilarity(embed_dim, width) if prompt_similarity else None
        self.prompt_widening = nn.Linear(prompt_rank, embed_dim, bias=False) if prompt_rank else None
        # Comes from a file of its own (`models.sam.text.weights`): without it the model is as it was, name for name.
        self.text_prompt: TextPrompt | None = None

    @property
    def mask_input_size(self) -> tuple[int, int]:
        """(H, W) of a mask prompt, which is also the size of the decoder's low-res masks."""
        return 4 * self.image_embedding_size[0], 4 * self.image_embedding_size[1]

    @property
    def grid(self) -> Grid:
        """The configured grid."""
        return Grid(*self.image_embedding_size)

    def get_dense_pe(self, grid: Grid | None = None) -> Tensor:
        """Positions of the cells of the configured grid, or of `grid`: [1, C, H, W]."""
        return self.pe_layer(grid or self.grid)[None]

    def embed_points(
        self, coords: Tensor, labels: Tensor, input_size: tuple[int, int] | None = None
    ) -> Tensor:
        """Tokens [B, k, C] of `coords` [B, k, 2] with `labels` [B, k].

        Labels: 1 foreground, 0 background, 2 and 3 box corners, -1 no point (its coordinates are ignored).
        Box corners given here equal `boxes` given to `forward`, so prompts of different kinds can share one
        padded batch.
        """
        position = self.pe_layer.encode(self._positions(coords, input_size))
        labels = labels.to(torch.int64)
        position = position * (labels != NOT_A_POINT).to(position.dtype)[..., None]
        weights = [*self.point_embeddings.parameters(), self.not_a_point_embed.weight]
        # -1 counts from the end: the last row is the embedding of "not a point".
        row = torch.where(labels < 0, labels + len(weights), labels)
        return position + torch.cat(weights)[row]

    def embed_masks(self, masks: Tensor) -> Tensor:
        """Mask logits [B, 1, 4E, 4E] -> dense embedding [B, C, E, E]."""
        return self.mask_downscaling(masks)

    def embed_dense(
        self,
        coords: Tensor,
        labels: Tensor,
        masks: Tensor | None = None,
        input_size: tuple[int, int] | None = None,
        grid: Grid | None = None,
        image: ImageOfPrompts | None = None,
    ) -> Tensor:
        """Dense embedding [B, C, E, E] of mask logits [B, 1, 4E, 4E] or none, and of the points where the model
        draws them (`coords` and `labels` as in `embed_points`). `image` is for models with prompt similarity,
        which raise ValueError without it."""
        grid = grid or self.grid
        if masks is None:
            dense = self.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(coords.shape[0], -1, *grid.shape)
        else:
            dense = self.embed_masks(masks)
        return self.draw_prompts(dense, coords, labels, input_size, grid, image)

    def draw_prompts(
        self,
        dense: Tensor,
        coords: Tensor,
        labels: Tensor,
        input_size: tuple[int, int] | None = None,
        grid: Grid | None = None,
        image: ImageOfPrompts | None = None,
    ) -> Tensor:
        """`dense` [B, C, E, E] with the points drawn into it, or as it was in a model without prompt maps."""
        if self.prompt_maps is None or coords.shape[1] == 0:
            return dense
        grid = grid or self.grid
        positions = self._positions(coords, input_size)
        maps_BMP = self.prompt_maps.draw(positions, labels, grid)
        drawn_BCP = self.prompt_maps(maps_BMP)
        if self.prompt_similarity is not None:
            if image is None:
                raise ValueError("a model with prompt similarity embeds prompts for an image: give `image`")
            descriptors = image.descriptors(self.prompt_similarity)
            features_BFP = self.prompt_similarity.features(descriptors, positions, labels, maps_BMP, grid)
            drawn_BCP = drawn_BCP + self.prompt_similarity(features_BFP)
        if self.prompt_widening is not None:
            drawn_BCP = self.prompt_widening.weight @ drawn_BCP
        return dense + drawn_BCP.unflatten(2, grid.shape)

    def embed_text(self, text: Tensor, image: ImageOfPrompts | None) -> tuple[Tensor, Tensor | None]:
        """Tokens [N, 1, C] of text embeddings [N, D], and what is added to the dense embedding [N, C, E, E], None for
        nothing. ValueError in a model without text prompts, for embeddings of another width, and without `image` where
        the model looks for the text in it."""
        if self.text_prompt is None:
            raise ValueError("this model takes no text prompts")
        if text.ndim != 2 or text.shape[1] != self.text_prompt.text_dim:
            raise ValueError(
                f"text embeddings must be [N, {self.text_prompt.text_dim}], not {list(text.shape)}"
            )
        tokens = self.text_prompt.embed(text)
        if not self.text_prompt.has_map:
            return tokens, None
        if image is None:
            raise ValueError("a model that looks for the text embeds prompts for an image: give `image`")
        relevance = self.text_prompt.relevance(image.compared(self.text_prompt), text)
        height, width = image.embeddings.shape[2:]
        return tokens, self.text_prompt.draw(relevance, (height, width))

    def _positions(self, coords: Tensor, input_size: tuple[int, int] | None) -> Tensor:
        """Pixel centres of `coords` [..., 2] in the unit square."""
        height, width = input_size or self.input_image_size
        return (coords + 0.5) / torch.tensor([width, height], dtype=torch.float32, device=coords.device)

    def forward(
        self,
        points: tuple[Tensor, Tensor] | None,
        boxes: Tensor | None,
        masks: Tensor | None,
        input_size: tuple[int, int] | None = None,
        grid: Grid | None = None,
        image: ImageOfPrompts | None = None,
        text: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Embed prompts of one batch.

        points: coords [B, n, 2] and labels [B, n]; boxes: [B, 4]; masks: logits [B, 1, 4E, 4E]; text: embeddings
        [B, D]; each may be None. `input_size` (H, W) and `grid` replace the configured ones, for training at other
        resolutions and on windows. `image` as in `embed_dense` and `embed_text`, which also say what is a ValueError.
        Returns sparse [B, k, C] (k may be 0) and dense [B, C, E, E].
        """
        given = (boxes, points and points[0], masks, text)
        batch = next((len(one) for one in given if one is not None), 1)
        device = self.no_mask_embed.weight.device
        coords = torch.zeros(batch, 0, 2, device=device)
        labels = torch.zeros(batch, 0, dtype=torch.int64, device=device)
        if points is not None:
            coords, labels = points
            if boxes is None:
                # Without a box the published model always sees one "not a point" behind the points.
                coords = torch.cat([coords, coords.new_zeros(batch, 1, 2)], dim=1)
                labels = torch.cat([labels, labels.new_full((batch, 1), NOT_A_POINT)], dim=1)
        if boxes is not None:
            corner_labels = torch.tensor([[BOX_TOP_LEFT, BOX_BOTTOM_RIGHT]], device=boxes.device)
            coords = torch.cat([coords.to(boxes.dtype), boxes.reshape(-1, 2, 2)], dim=1)
            labels = torch.cat([labels, corner_labels.expand(batch, 2).to(labels.dtype)], dim=1)
        sparse = self.embed_points(coords, labels, input_size)
        dense = self.embed_dense(coords, labels, masks, input_size, grid, image)
        if text is not None:
            tokens, drawn = self.embed_text(text, image)
            sparse = torch.cat([sparse, tokens], dim=1)
            dense = dense if drawn is None else dense + drawn
        return sparse, dense
