"""Clicks on one image that never touch its cells: the transformer on what a click adds to them alone.

After a layer the cells are what they were, scaled cell by cell, and a few rows of weights times what each adds (see
`low_rank`). Whatever reads cells is a matrix: keys, values, queries, the first up-convolution. Applied to the cells it is
the same for all clicks on an image; applied to the additions it is a product of few rows. The norms need the length of
each row, which follows from inner products of the same kinds. Exact apart from rounding.

For models without prompt maps, whose clicks change the cells by attention alone, and without mask quality, which reads
cells. Written for many clicks with much prepared (some 40 MiB an image at SAM's width); the browser's graphs, which
prepare less, are `graphs`.

Shape letters as in `attention`: P cells, T tokens, S = T - 1, R = h * T, K rows that have been added, O of a convolution.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from models.sam.decode.attention import ImageToTokens, TokensToImage, bias_of, centred, heads_of
from models.sam.decode.graphs import TokenLayer, blocks_of, first_convolution_of, positions_of
from models.sam.decode.norm import gain_of
from models.sam.decode.upscale_bands import UpscaleBands
from models.sam.modeling.labels import FOREGROUND, NOT_A_POINT
from models.sam.modeling.sam import Sam

FIRST = 1  # mask 0 is for several prompts at once


class Added(NamedTuple):
    """Cells as `scale * (share * base + shares.T @ additions)`, where the base is the image's own."""

    scale_1P: Tensor
    share_1P: Tensor
    shares_KP: Tensor
    additions_KC: Tensor


class ClickReading(NamedTuple):
    """The iou token and the tokens of masks 1..3, and the cells after the last layer."""

    state_TC: Tensor
    added: Added


@dataclass(frozen=True)
class Projection:
    """What a projection into heads makes of an image's base and of the positions (with its bias): [h, d, P] each, or, for
    the first layer, of both together."""

    weight_hdC: Tensor
    base_hdP: Tensor
    placed_hdP: Tensor | None

    def scores(self, x_hTd: Tensor, added: Added | None) -> Tensor:
        """Inner products [R, P] of tokens' vectors with all cells'; `added` is None in the first layer alone."""
        base_RP = (x_hTd @ self.base_hdP).flatten(0, 1)
        if added is None:
            return base_RP
        assert self.placed_hdP is not None
        placed_RP = (x_hTd @ self.placed_hdP).flatten(0, 1)
        few_RK = (x_hTd @ self.weight_hdC).flatten(0, 1) @ added.additions_KC.T
        inner_RP = torch.addcmul(few_RK @ added.shares_KP, base_RP, added.share_1P)
        return torch.addcmul(placed_RP, inner_RP, added.scale_1P)


@dataclass(frozen=True)
class Gather:
    """Tokens to image on a prepared image."""

    attention: TokensToImage
    keys: Projection
    values_hdP: Tensor

    def __call__(self, x_TC: Tensor, added: Added | None) -> Tensor:
        attention = self.attention
        weights_RP = self.keys.scores(attention.queries(x_TC), added).softmax(dim=-1)
        if added is None:
            return attention.answer(self._of_base(weights_RP))
        weights_RP = weights_RP * added.scale_1P
        few_RC = (weights_RP @ added.shares_KP.T) @ added.additions_KC
        few_hTd = few_RC.unflatten(0, (attention.heads, -1)) @ attention.value_hCd
        return attention.answer(self._of_base(weights_RP * added.share_1P) + few_hTd)

    def _of_base(self, weights_RP: Tensor) -> Tensor:
        return weights_RP.unflatten(0, (self.attention.heads, -1)) @ self.values_hdP.mT


@dataclass(frozen=True)
class Block:
    """A two-way block's modules; `offset_C` is the bias of the norm before, which cells come without."""

    tokens: TokenLayer
    gather: TokensToImage
    scatter: ImageToTokens
    key: nn.Linear
    query: nn.Linear
    offset_C: Tensor
    gain_C: Tensor
    eps: float


class Products(NamedTuple):
    """Inner products of the base with what a layer makes of values [h, d, P], and with what it adds whatever they are."""

    values_hdP: Tensor
    constant_1P: Tensor


@dataclass(frozen=True)
class Layer:
    """A block on a prepared image. What its norm sees of the image, the base with mean 0, has the squared length
    `squares_1P`, and `products` with what each layer up to this one adds."""

    block: Block
    gather: Gather
    queries: Projection
    squares_1P: Tensor
    products: list[Products]


class LowRankDecoder:
    """Prepares images of one model. ValueError for a model that draws its prompts or looks at its masks."""

    def __init__(self, sam: Sam) -> None:
        if not suits(sam):
            raise ValueError("prompt maps and mask quality need the cells themselves")
        encoder, decoder = sam.prompt_encoder, sam.mask_decoder
        self.encoder = encoder
        self.own_tokens = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight]).detach()
        # Mask 0's token takes part in the layers, but nobody asks what it sees last.
        self.asked = [0, *range(1 + FIRST, self.own_tokens.shape[0])]
        self.positions_PC = positions_of(encoder).detach()
        self.labels_12 = torch.tensor([[FOREGROUND, NOT_A_POINT]], device=sam.device)
        self.zero = torch.zeros((), device=sam.device)
        self.ones_1P = torch.ones(1, self.positions_PC.shape[0], device=sam.device)
        self.blocks: list[Block] = []
        offset_C = torch.zeros_like(self.positions_PC[0])
        for block in blocks_of(sam):
            inner, outer = block.cross_attn_token_to_image, block.cross_attn_image_to_token
            self.blocks.append(
                Block(
                    TokenLayer(block),
                    TokensToImage(inner, offset_C).to(sam.device),
                    ImageToTokens(outer, offset_C).to(sam.device),
                    inner.k_proj,
                    outer.q_proj,
                    offset_C,
                    gain_of(block.norm4),
                    block.norm4.eps,
                )
            )
            offset_C = block.norm4.bias.detach()
        attention = decoder.transformer.final_attn_token_to_image
        self.final, self.final_key, self.final_offset_C = (
            TokensToImage(attention, offset_C).to(sam.device),
            attention.k_proj,
            offset_C,
        )
        self.norm_final = decoder.transformer.norm_final_attn
        self.convolution = first_convolution_of(sam).to(sam.device)
        self.upscale = UpscaleBands(
            decoder.output_upscaling, encoder.image_embedding_size, decoder.mask_smoothing
        )
        self.hypernetworks = list(decoder.output_hypernetworks_mlps)[FIRST:]
        self.iou_head = decoder.iou_prediction_head

    @torch.no_grad()
    def image(self, embedding: Tensor) -> "LowRankImage":
        """[1, C, E, E] prepared."""
        base_PC = embedding[0].flatten(1).T + self.encoder.no_mask_embed.weight
        layers: list[Layer] = []
        # What each layer so far makes of values, and what it adds whatever they are, as the norm at hand sees it.
        added: list[tuple[Tensor, Tensor]] = []
        for block in self.blocks:
            is_first = not layers
            gather = self._gather(block.gather, block.key, base_PC, block.offset_C, is_first)
            queries = self._projection(block.query, block.scatter.heads, base_PC, block.offset_C, is_first)
            base_PC = centred(base_PC).contiguous()
            added = [(centred(out), centred(constant)) for out, constant in added]
            added.append((block.scatter.out_hdC, block.scatter.constant_1C))
            squares_1P = base_PC.square().sum(dim=1)[None]
            products = [Products(out @ base_PC.T, constant @ base_PC.T) for out, constant in added]
            layers.append(Layer(block, gather, queries, squares_1P, products))
            base_PC = base_PC * block.gain_C
            added = [(out * block.gain_C, constant * block.gain_C) for out, constant in added]
        final = self._gather(self.final, self.final_key, base_PC, self.final_offset_C)
        return LowRankImage(self, layers, final, [base_PC @ seen for seen in self.convolution.weight_2CO])

    def _gather(
        self,
        attention: TokensToImage,
        key: nn.Linear,
        base_PC: Tensor,
        offset_C: Tensor,
        is_first: bool = False,
    ) -> Gather:
        keys = self._projection(key, attention.heads, base_PC, offset_C, is_first)
        return Gather(attention, keys, attention.value_hCd.mT @ base_PC.T)

    def _projection(
        self, linear: nn.Linear, heads: int, base_PC: Tensor, offset_C: Tensor, is_first: bool
    ) -> Projection:
        weight_hdC = heads_of(linear, heads)
        base_hdP = weight_hdC @ base_PC.T
        placed_hdP = weight_hdC @ (self.positions_PC + offset_C).T + bias_of(linear, heads).mT
        if is_first:
            return Projection(weight_hdC, base_hdP + placed_hdP, None)
        return Projection(weight_hdC, base_hdP, placed_hdP)


@dataclass(frozen=True)
class LowRankImage:
    """One image, ready for clicks."""

    decoder: LowRankDecoder
    layers: list[Layer]
    final: Gather
    seen_PO: list[Tensor]

    judges_masks: ClassVar[bool] = False

    @torch.no_grad()
    def read(self, point_2: Tensor) -> ClickReading:
        """What the transformer makes of a foreground click [2], XY in the model's frame."""
        decoder = self.decoder
        coords_122 = torch.stack([point_2, torch.zeros_like(point_2)])[None]
        clicked_2C = decoder.encoder.embed_points(coords_122, decoder.labels_12)[0]
        tokens_TC = torch.cat([decoder.own_tokens, clicked_2C])
        state_TC, added = tokens_TC, None
        values: list[tuple[Tensor, Tensor]] = []
        for layer in self.layers:
            tokens, scatter = layer.block.tokens, layer.block.scatter
            state_TC = tokens.own(state_TC, tokens_TC, decoder.zero)
            state_TC = tokens.think(state_TC, layer.gather(state_TC + tokens_TC, added))
            scores_RP = layer.queries.scores(scatter.keys(state_TC + tokens_TC), added)
            weights_hSP = scatter.weights(scores_RP.unflatten(0, (scatter.heads, -1)))
            first_h1d, relative_hSd = scatter.values(state_TC)
            values.append((first_h1d.flatten()[None], relative_hSd))
            everywhere_1C = values[-1][0] @ scatter.out_hdC.flatten(0, 1) + scatter.constant_1C
            additions_KC = torch.cat([(relative_hSd @ scatter.out_hdC).flatten(0, 1), everywhere_1C])
            shares_KP = torch.cat([weights_hSP.flatten(0, 1), decoder.ones_1P])
            added = self._added(layer, added, shares_KP, additions_KC, values)
        asked = decoder.asked
        seen_TC = self.final(state_TC[asked] + tokens_TC[asked], added)
        assert added is not None
        return ClickReading(decoder.norm_final(state_TC[asked] + seen_TC), added)

    def _added(
        self,
        layer: Layer,
        before: Added | None,
        shares_KP: Tensor,
        additions_KC: Tensor,
        values: list[tuple[Tensor, Tensor]],
    ) -> Added:
        """Cells after a layer that adds these rows; `values` of all layers so far: of the first token [1, I], and of the
        others as in `ImageToTokens.values`."""
        share_1P = self.decoder.ones_1P
        if before is not None:
            share_1P = before.scale_1P * before.share_1P
            shares_KP = torch.cat([before.shares_KP * before.scale_1P, shares_KP])
            additions_KC = torch.cat([centred(before.additions_KC), additions_KC])
        # With the base each row has the inner product of its few values with what is prepared.
        products = []
        for (first_1I, others_hSd), of_base in zip(values, layer.products, strict=True):
            products += [
                (others_hSd @ of_base.values_hdP).flatten(0, 1),
                torch.addmm(of_base.constant_1P, first_1I, of_base.values_hdP.flatten(0, 1)),
            ]
        lengths_KP = torch.addcmul(
            (additions_KC @ additions_KC.T) @ shares_KP, torch.cat(products), 2 * share_1P
        )
        squares_1P = share_1P.square() * layer.squares_1P + lengths_KP.mul_(shares_KP).sum(0, keepdim=True)
        scale_1P = (squares_1P / additions_KC.shape[1] + layer.block.eps).rsqrt()
        return Added(scale_1P, share_1P, shares_KP, additions_KC * layer.block.gain_C)

    @torch.no_grad()
    def draw(self, reading: ClickReading) -> Tensor:
        """Low-res logits [3, L, L]: whole, part, subpart."""
        decoder, added = self.decoder, reading.added
        few_2KO = added.additions_KC @ decoder.convolution.weight_2CO
        networks = enumerate(decoder.hypernetworks, start=1)
        hyper_3K = torch.stack([mlp(reading.state_TC[i]) for i, mlp in networks])

        def widened(cells: slice) -> list[Tensor]:
            shares_cK, share_c1, scale_c1 = (
                x[:, cells].T for x in (added.shares_KP, added.share_1P, added.scale_1P)
            )
            return [
                torch.addcmul(bias_O, torch.addcmul(shares_cK @ few_KO, seen_PO[cells], share_c1), scale_c1)
                for few_KO, seen_PO, bias_O in zip(
                    few_2KO, self.seen_PO, decoder.convolution.bias_2O, strict=True
                )
            ]

        return decoder.upscale(widened, hyper_3K)

    @torch.no_grad()
    def judge(self, reading: ClickReading, logits_3LL: Tensor | None) -> Tensor:
        """IoU predictions [3], which do not depend on the masks."""
        return self.decoder.iou_head(reading.state_TC[0])[FIRST:]


def suits(sam: Sam) -> bool:
    """Whether a model's clicks change its cells by attention alone, and nothing else reads them."""
    return sam.prompt_encoder.prompt_maps is None and sam.mask_decoder.mask_quality is None
