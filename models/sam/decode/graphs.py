"""The two graphs of the browser's decoder: `PrepareImage` once per image, `ClickDecoder` once per prompt.

Together they answer what `MaskDecoder.predict_masks` answers, apart from rounding, with about half of its arithmetic:
the first layer's projections of the image are prepared, later ones change their order (`attention`), a dense prompt
is a low-rank update (`dense_prompt`), and norms of cells see rows of mean 0 (`norm`). Cells are rows throughout, so
that transposed convolutions are plain matrix products (`upscale`), the first of which need not read them (`low_rank`).

Shape letters: P = E * E image cells, C width, h heads, d width of a head, n points, T = 5 + n tokens, F features of
the dense prompt, m features of a mask prompt, L = 4E low-res side, M masks.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.sam.decode.attention import (
    ImageToTokens,
    TokenAttention,
    TokensToImage,
    absence,
    beside,
    centred,
)
from models.sam.decode.dense_prompt import DensePrompt
from models.sam.decode.low_rank import LowRankConvolution, Update, is_worth_it, seen_by_convolution
from models.sam.decode.norm import CentredNorm
from models.sam.decode.quality import QualityOfRows
from models.sam.decode.upscale import FirstConvolution, UpscaleRows
from models.sam.modeling.labels import ABSENT, NOT_A_POINT
from models.sam.modeling.prompt_encoder import PromptEncoder
from models.sam.modeling.prompt_similarity import HEAD_WIDTH, HEADS, unit
from models.sam.modeling.sam import Sam
from models.sam.modeling.transformer import TwoWayAttentionBlock

PREPARED = ("cells", "means", "keys")
# Each product takes its time, and what is prepared must be ready before the first mask. So either the rest of the first
# layer's projections are prepared as well, or, where `low_rank` is worth it, what saves more of a click.
PROJECTED = ("queries", "values")
WIDENED = ("upper", "lower")
DESCRIPTORS = "descriptors"  # prepared as well where the model compares cells with prompts


class PrepareImage(nn.Module):
    """What depends on the image alone: its cells as rows, their means, and the first layer's projections of them."""

    prompt_encoder: PromptEncoder

    def __init__(self, sam: Sam) -> None:
        super().__init__()
        block = blocks_of(sam)[0]
        inner, outer = block.cross_attn_token_to_image, block.cross_attn_image_to_token
        self.heads = inner.num_heads
        self.prompt_encoder = sam.prompt_encoder
        self.key_IC = nn.Parameter(inner.k_proj.weight.detach())
        self.query_IC = nn.Parameter(outer.q_proj.weight.detach())
        self.query_bias_I1 = nn.Parameter(outer.q_proj.bias.detach()[:, None])
        self.value_IC = nn.Parameter(inner.v_proj.weight.detach())
        self.seen_halves = nn.ParameterList()
        if is_worth_it(sam, blocks_of(sam)):
            seen_C2O = seen_by_convolution(blocks_of(sam), first_convolution_of(sam))[0]
            self.seen_halves = nn.ParameterList(seen_C2O.chunk(2, dim=1))

    @property
    def names(self) -> tuple[str, ...]:
        """What comes out, in order."""
        own = WIDENED if self.seen_halves else PROJECTED
        described = () if self.prompt_encoder.prompt_similarity is None else (DESCRIPTORS,)
        return (*PREPARED, *own, *described)

    def forward(self, image_embeddings: Tensor) -> tuple[Tensor, ...]:
        """[1, C, E, E] -> cells [P, C] and their means [1, P]; keys [h, d, P]; queries and values [h, d, P], or the cells
        as the halves of the first convolution see them [P, O], where that is worth it; and descriptors where the model
        has them (`PromptSimilarity.descriptors`, without the first axis)."""
        encoder = self.prompt_encoder
        image_CP = image_embeddings.reshape(self.key_IC.shape[1], -1)
        cells_CP = image_CP + encoder.no_mask_embed.weight.T
        cells_PC = cells_CP.T
        # Made of nothing but weights, the products of positions are computed when the file is loaded.
        positions_CP = positions_of(encoder).T + encoder.no_mask_embed.weight.T
        keys_IP = self.key_IC @ image_CP + self.key_IC @ positions_CP
        own: list[Tensor] = [cells_PC @ seen_CO for seen_CO in self.seen_halves]
        if not own:
            queries_IP = self.query_IC @ image_CP + (self.query_IC @ positions_CP + self.query_bias_I1)
            own = [self._split(queries_IP), self._split(self.value_IC @ cells_CP)]
        described: list[Tensor] = []
        if encoder.prompt_similarity is not None:
            describe = encoder.prompt_similarity.describe
            described_IP = describe.weight @ image_CP + describe.bias[:, None]
            described = [unit(described_IP.unflatten(0, (HEADS, HEAD_WIDTH)))]
        return (
            cells_PC,
            cells_CP.mean(dim=0, keepdim=True),
            self._split(keys_IP),
            *own,
            *described,
        )

    def _split(self, x_IP: Tensor) -> Tensor:
        return x_IP.unflatten(0, (self.heads, -1))


class Reading(NamedTuple):
    """What the transformer made of a prompt: the decoder's own tokens, the cells without the bias of their norm, and what
    the layers did to them."""

    state_TC: Tensor
    rows_PC: Tensor
    updates: list[Update | None]


class Placed(NamedTuple):
    """What positions are to the layers. Made of nothing but weights: computed when a file is loaded."""

    positions_PC: Tensor
    first_queries_hdP: Tensor  # of no use where the first layer's queries are prepared
    final_keys_hdP: Tensor


class ClickDecoder(nn.Module):
    """A prompt against a prepared image; `by_tanh` as in `upscale.in_tanh_form`. `with_text`: the prompt may be a word,
    with points or without, in a model with text prompts."""

    prompt_encoder: PromptEncoder

    def __init__(self, sam: Sam, *, by_tanh: bool = False, with_text: bool = False) -> None:
        super().__init__()
        decoder = sam.mask_decoder
        self.prompt_encoder = sam.prompt_encoder
        self.own_tokens = nn.Parameter(
            torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight]).detach()
        )
        self.dense = DensePrompt(sam.prompt_encoder, with_text=with_text)
        first, *others = blocks_of(sam)
        convolution = first_convolution_of(sam)
        grid = sam.prompt_encoder.image_embedding_size
        self.low_rank = None
        seen: list[Tensor | None] = [None for _ in blocks_of(sam)]
        if is_worth_it(sam, blocks_of(sam)):
            self.low_rank = LowRankConvolution(convolution, math.prod(grid))
            seen = [*seen_by_convolution(blocks_of(sam), convolution)]
        self.first_layer = FirstRows(first, self.dense.matrix_FC, seen[0])
        offset_C = first.norm4.bias.detach()
        layers = []
        for block, seen_CO in zip(others, seen[1:], strict=True):
            layers.append(TwoWayRows(block, offset_C, seen_CO))
            offset_C = block.norm4.bias.detach()
        self.other_layers = nn.ModuleList(layers)
        self.offset_C = nn.Parameter(offset_C)
        self.final = TokensToImage(decoder.transformer.final_attn_token_to_image, offset_C)
        self.norm_final = decoder.transformer.norm_final_attn
        self.first_convolution = convolution
        self.upscale = UpscaleRows(
            decoder.output_upscaling, grid, smoothing=decoder.mask_smoothing, by_tanh=by_tanh
        )
        self.hypernetworks = decoder.output_hypernetworks_mlps
        self.iou_head = decoder.iou_prediction_head
        self.quality: QualityOfRows | None = None
        if decoder.mask_quality is not None:
            self.quality = QualityOfRows(decoder.mask_quality, offset_C)

    def forward(
        self,
        cells: Tensor,
        means: Tensor,
        keys: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_features: Tensor,
        queries: Tensor | None = None,
        values: Tensor | None = None,
        upper: Tensor | None = None,
        lower: Tensor | None = None,
        descriptors: Tensor | None = None,
        text_token: Tensor | None = None,
        text_features: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """IoU predictions [1, M] and low-res logits [1, M, L, L].

        The first three, and queries to descriptors, as `PrepareImage` answers; point_coords [1, n, 2] in the model's
        frame, XY; point_labels [1, n] with `ABSENT` for empty slots; mask_features [1 + m, P] as `MaskFeatures` answers,
        [1, P] zeros for no mask; text_token [1, C] and text_features [F, P] as `ReadWord` answers, of which models
        without a map of words have the token alone.
        """
        encoder = self.prompt_encoder
        unit_n2 = (point_coords[0] + 0.5) / sam_side(encoder)
        features_FP = self.dense(unit_n2, point_labels[0], mask_features, descriptors, text_features)
        reading = self.read(
            (cells, means, keys, queries, values),
            point_coords,
            point_labels,
            features_FP,
            self.placed(positions_of(encoder)),
            text_token,
        )
        logits_1MLL = self.draw(reading, upper, lower)
        return self.judge(reading, logits_1MLL.flatten(0, 1)), logits_1MLL

    def placed(self, positions_PC: Tensor) -> Placed:
        """For `read`."""
        return Placed(
            positions_PC,
            self.first_layer.scatter.placed(positions_PC),
            self.final.placed(positions_PC + self.offset_C),
        )

    def read(
        self,
        prepared: tuple[Tensor, Tensor, Tensor, Tensor | None, Tensor | None],
        point_coords: Tensor,
        point_labels: Tensor,
        features_FP: Tensor,
        placed: Placed,
        text_1C: Tensor | None = None,
    ) -> Reading:
        """What the transformer makes of a prompt: all but the masks. `prepared`: cells, means, keys, queries, values."""
        cells, means, keys, queries, values = prepared
        points_nC = self.prompt_encoder.embed_points(point_coords, point_labels.clamp(min=NOT_A_POINT))[0]
        always_TC = self.own_tokens if text_1C is None else torch.cat([self.own_tokens, text_1C])
        tokens_TC = torch.cat([always_TC, points_nC])
        absent_T = absence(point_labels[0], always_TC.shape[0], ABSENT)
        state_TC, rows_PC, update = self.first_layer(
            tokens_TC,
            absent_T,
            features_FP,
            cells,
            means,
            keys,
            placed.first_queries_hdP if queries is None else queries,
            values,
            queries_of_positions=queries is None,
        )
        updates = [update]
        for layer in self.other_layers:
            state_TC, rows_PC, update = layer(state_TC, tokens_TC, absent_T, rows_PC, placed.positions_PC)
            updates.append(update)
        # What the prompt's own tokens would gather last is read by nobody.
        own = self.own_tokens.shape[0]
        state_TC, tokens_TC = state_TC[:own], tokens_TC[:own]
        state_TC = self.norm_final(
            state_TC + self.final.forward_apart(state_TC + tokens_TC, placed.final_keys_hdP, rows_PC)
        )
        return Reading(state_TC, rows_PC, updates)

    def draw(self, reading: Reading, upper: Tensor | None, lower: Tensor | None) -> Tensor:
        """Low-res logits [1, M, L, L]."""
        if self.low_rank is None:
            halves = self.first_convolution(reading.rows_PC)
        else:
            assert upper is not None
            assert lower is not None
            halves = self.low_rank([upper, lower], reading.updates)
        return self.upscale(halves, self.mask_vectors(reading))

    def mask_vectors(self, reading: Reading, first_mask: int = 0) -> Tensor:
        """What the masks from `first_mask` on are read from pixels with: [M, K]."""
        mask_states_MC = reading.state_TC[1 + first_mask :]
        networks = list(self.hypernetworks)[first_mask:]
        return torch.stack([mlp(mask_states_MC[i]) for i, mlp in enumerate(networks)])

    def judge(self, reading: Reading, logits_MLL: Tensor | None, first_mask: int = 0) -> Tensor:
        """IoU predictions [1, M] of these masks, which models without mask quality do not look at."""
        iou_1M = self.iou_head(reading.state_TC[:1])[:, first_mask:]
        if self.quality is not None:
            assert logits_MLL is not None
            tokens_MC = reading.state_TC[1 + first_mask :]
            iou_1M = iou_1M + self.quality(logits_MLL, reading.rows_PC, reading.state_TC[:1], tokens_MC)
        return iou_1M


class TokenLayer(nn.Module):
    """The token side of a `TwoWayAttentionBlock`: self-attention and what follows a look at the image."""

    def __init__(self, block: TwoWayAttentionBlock) -> None:
        super().__init__()
        self.self_attn = TokenAttention(block.self_attn)
        self.norm1, self.norm2, self.norm3, self.mlp = block.norm1, block.norm2, block.norm3, block.mlp
        self.replaces = block.skip_first_layer_pe

    def own(self, state_TC: Tensor, tokens_TC: Tensor, absent_T: Tensor) -> Tensor:
        """Self-attention with its norm."""
        if self.replaces:
            return self.norm1(self.self_attn(state_TC, state_TC, absent_T))
        return self.norm1(state_TC + self.self_attn(state_TC + tokens_TC, state_TC, absent_T))

    def think(self, state_TC: Tensor, gathered_TC: Tensor) -> Tensor:
        """The tokens with what they gathered, through the MLP."""
        state_TC = self.norm2(state_TC + gathered_TC)
        return self.norm3(state_TC + self.mlp(state_TC))


class CellUpdate(nn.Module):
    """Adds a layer's products to the cells and norms them; with `seen_CO` also says what the convolution sees of that."""

    def __init__(self, block: TwoWayAttentionBlock, seen_CO: Tensor | None) -> None:
        super().__init__()
        self.norm = CentredNorm(block.norm4)
        self.is_seen = seen_CO is not None

    def forward(
        self, cells_PC: Tensor, shares_KP: Tensor, additions_KX: Tensor
    ) -> tuple[Tensor, Update | None]:
        """Additions [K, C], or [K, C + O] where the convolution sees them. Cells come without the norm's bias."""
        width = cells_PC.shape[1]
        shares_PK = shares_KP.T
        added_PC = shares_PK @ additions_KX[:, :width] + cells_PC
        update = None
        if self.is_seen:
            update = Update(shares_PK, additions_KX[:, width:], self.norm.scale(added_PC))
        return self.norm(added_PC), update


class FirstRows(nn.Module):
    """The first block, whose image side was prepared but for the dense prompt, F features a cell."""

    matrix_FX: Tensor
    less_means_1X: Tensor

    def __init__(self, block: TwoWayAttentionBlock, matrix_FC: Tensor, seen_CO: Tensor | None) -> None:
        super().__init__()
        self.tokens = TokenLayer(block)
        self.gather = TokensToImage(block.cross_attn_token_to_image, features_FC=matrix_FC)
        self.scatter = ImageToTokens(block.cross_attn_image_to_token, features_FC=matrix_FC, seen_CO=seen_CO)
        self.update = CellUpdate(block, seen_CO)
        self.register_buffer("matrix_FX", beside(centred(matrix_FC), seen_CO))
        self.register_buffer("less_means_1X", less_means(matrix_FC.shape[1], seen_CO))

    def forward(
        self,
        tokens_TC: Tensor,
        absent_T: Tensor,
        features_FP: Tensor,
        cells_PC: Tensor,
        means_1P: Tensor,
        keys_hdP: Tensor,
        queries_hdP: Tensor,
        values_hdP: Tensor | None,
        queries_of_positions: bool,
    ) -> tuple[Tensor, Tensor, Update | None]:
        """Tokens, cells without the bias of the last norm, and what was done to them. `queries_of_positions`: the given
        ones know nothing of the cells."""
        state_TC = self.tokens.own(tokens_TC, tokens_TC, absent_T)
        gathered_TC = self.gather.forward_prepared(
            state_TC + tokens_TC, features_FP, keys_hdP, values_hdP, cells_PC
        )
        state_TC = self.tokens.think(state_TC, gathered_TC)
        weights_SP, additions_KX = self.scatter.forward_prepared(
            queries_hdP,
            features_FP,
            state_TC + tokens_TC,
            state_TC,
            absent_T,
            cells_PC if queries_of_positions else None,
        )
        shares = torch.cat([weights_SP, torch.ones_like(means_1P), means_1P, features_FP])
        additions = torch.cat([additions_KX, self.less_means_1X, self.matrix_FX[: features_FP.shape[0]]])
        return state_TC, *self.update(cells_PC, shares, additions)


class TwoWayRows(nn.Module):
    """A later block on rows, with empty token slots. `offset_C`: the bias of the norm that made the rows."""

    less_means_1X: Tensor

    def __init__(self, block: TwoWayAttentionBlock, offset_C: Tensor, seen_CO: Tensor | None) -> None:
        super().__init__()
        self.tokens = TokenLayer(block)
        self.gather = TokensToImage(block.cross_attn_token_to_image, offset_C)
        self.scatter = ImageToTokens(block.cross_attn_image_to_token, offset_C, seen_CO=seen_CO)
        self.update = CellUpdate(block, seen_CO)
        self.offset_C = nn.Parameter(offset_C)
        self.register_buffer("less_means_1X", less_means(offset_C.shape[0], seen_CO))

    def forward(
        self, state_TC: Tensor, tokens_TC: Tensor, absent_T: Tensor, rows_PC: Tensor, positions_PC: Tensor
    ) -> tuple[Tensor, Tensor, Update | None]:
        """Tokens, cells, and what was done to them; cells come and go without the bias of their norm."""
        placed_PC = rows_PC + (positions_PC + self.offset_C)
        state_TC = self.tokens.own(state_TC, tokens_TC, absent_T)
        gathered_TC = self.gather(state_TC + tokens_TC, placed_PC, rows_PC)
        state_TC = self.tokens.think(state_TC, gathered_TC)
        weights_SP, additions_KX, placed_means_1P = self.scatter(
            placed_PC, state_TC + tokens_TC, state_TC, absent_T
        )
        means_1P = placed_means_1P - (positions_PC + self.offset_C).mean(dim=1)
        shares = torch.cat([weights_SP, torch.ones_like(means_1P), means_1P])
        return state_TC, *self.update(rows_PC, shares, torch.cat([additions_KX, self.less_means_1X]))


def less_means(width: int, seen_CO: Tensor | None) -> Tensor:
    """What a row of weights that are the cells' means adds, so that they leave: cheaper than a pass over the cells."""
    return beside(-torch.ones(1, width), seen_CO)


def blocks_of(sam: Sam) -> list[TwoWayAttentionBlock]:
    """The two-way blocks of the decoder, in order."""
    return [block for block in sam.mask_decoder.transformer.layers if isinstance(block, TwoWayAttentionBlock)]


def first_convolution_of(sam: Sam) -> FirstConvolution:
    """The first up-convolution, which reads the last block's rows without the bias of their norm."""
    return FirstConvolution(sam.mask_decoder.output_upscaling, blocks_of(sam)[-1].norm4.bias.detach())


def positions_of(encoder: PromptEncoder) -> Tensor:
    """Positions of the grid's cells as rows [P, C]."""
    return encoder.get_dense_pe()[0].flatten(1).T


def sam_side(encoder: PromptEncoder) -> Tensor:
    """Width and height of the model's input, float."""
    height, width = encoder.input_image_size
    return torch.tensor([width, height], dtype=torch.float32)
