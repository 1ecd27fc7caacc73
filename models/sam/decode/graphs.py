"""The two graphs of the browser's decoder: `PrepareImage` once per image, `ClickDecoder` once per prompt.

Together they answer what `MaskDecoder.predict_masks` answers, apart from rounding, with about half of its arithmetic:
the first layer's projections of the image are prepared, later ones change their order (`attention`), and a dense
prompt is a low-rank update (`dense_prompt`). Cells are rows throughout, so that transposed convolutions of stride 2
are plain matrix products and only finished masks are put into picture order.

Shape letters: P = E * E image cells, C width, h heads, d width of a head, I = h * d, n points, T = 5 + n tokens,
L = 4E low-res side, M masks.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.decode.attention import ImageToTokens, TokenAttention, TokensToImage, absence, heads_of
from models.sam.decode.dense_prompt import DensePrompt
from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.labels import NOT_A_POINT
from models.sam.modeling.prompt_encoder import PromptEncoder
from models.sam.modeling.sam import Sam
from models.sam.modeling.transformer import TwoWayAttentionBlock

ABSENT = -2  # label of an empty slot: unlike NOT_A_POINT (-1) it is no token at all
PREPARED = ("cells", "keys", "values", "queries")


class PrepareImage(nn.Module):
    """What depends on the image alone: its cells as rows, and the first layer's projections of them."""

    prompt_encoder: PromptEncoder

    def __init__(self, sam: Sam) -> None:
        super().__init__()
        block = first_block(sam)
        inner, outer = block.cross_attn_token_to_image, block.cross_attn_image_to_token
        self.heads = inner.num_heads
        self.prompt_encoder = sam.prompt_encoder
        self.key_IC = nn.Parameter(inner.k_proj.weight.detach())
        self.value, self.query = inner.v_proj, outer.q_proj

    def forward(self, image_embeddings: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """[1, C, E, E] -> cells [P, C], keys [h, d, P], values [h, P, d] and queries [h, P, d] of layer 1."""
        no_mask_1C = self.prompt_encoder.no_mask_embed.weight
        cells_PC = image_embeddings[0].flatten(1).T + no_mask_1C
        placed_PC = cells_PC + positions_of(self.prompt_encoder)
        keys_IP = self.key_IC @ placed_PC.T
        return (
            cells_PC,
            keys_IP.unflatten(0, (self.heads, -1)),
            self.value(cells_PC).unflatten(1, (self.heads, -1)).transpose(0, 1),
            self.query(placed_PC).unflatten(1, (self.heads, -1)).transpose(0, 1),
        )


class ClickDecoder(nn.Module):
    """A prompt against a prepared image."""

    prompt_encoder: PromptEncoder

    def __init__(self, sam: Sam) -> None:
        super().__init__()
        decoder = sam.mask_decoder
        self.prompt_encoder = sam.prompt_encoder
        self.own_tokens = nn.Parameter(
            torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight]).detach()
        )
        self.dense = DensePrompt(sam.prompt_encoder)
        first, *others = (TwoWayRows(block) for block in blocks_of(sam))
        self.first_layer, self.other_layers = first, nn.ModuleList(others)
        self.final = TokensToImage(decoder.transformer.final_attn_token_to_image)
        self.norm_final = decoder.transformer.norm_final_attn
        self.upscale = UpscaleRows(decoder.output_upscaling, sam.prompt_encoder.image_embedding_size)
        self.hypernetworks = decoder.output_hypernetworks_mlps
        self.iou_head = decoder.iou_prediction_head
        self.update = FirstUpdate(first_block(sam), self.dense.matrix_FC)

    def forward(
        self,
        cells: Tensor,
        keys: Tensor,
        values: Tensor,
        queries: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_input: Tensor,
        has_mask_input: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """IoU predictions [1, M] and low-res logits [1, M, L, L].

        The first four as `PrepareImage` answers; point_coords [1, n, 2] in the model's frame, XY; point_labels
        [1, n] with `ABSENT` for empty slots; mask_input [1, 1, L, L]; has_mask_input [1], 1 or 0.
        """
        encoder = self.prompt_encoder
        labels_n = point_labels[0]
        points_nC = encoder.embed_points(point_coords, point_labels.clamp(min=NOT_A_POINT))[0]
        tokens_TC = torch.cat([self.own_tokens, points_nC])
        absent_T = absence(labels_n, self.own_tokens.shape[0], ABSENT)
        unit_n2 = (point_coords[0] + 0.5) / sam_side(encoder)
        features_PF = self.dense(unit_n2, labels_n, mask_input, has_mask_input)
        cells, keys, values, queries = self.update(features_PF, cells, keys, values, queries)

        positions_PC = positions_of(encoder)
        state = tokens_TC
        state, cells = self.first_layer.forward_prepared(
            state, tokens_TC, absent_T, cells, keys, values, queries
        )
        for layer in self.other_layers:
            state, cells = layer(state, tokens_TC, absent_T, cells, positions_PC)
        attended = self.final(state + tokens_TC, cells + positions_PC, cells)
        state = self.norm_final(state + attended)

        masks = self.own_tokens.shape[0] - 1
        hyper_MK = torch.stack([mlp(state[1 + i]) for i, mlp in enumerate(self.hypernetworks)])
        return self.iou_head(state[:1]), self.upscale(cells, hyper_MK, masks)[None]


class TwoWayRows(nn.Module):
    """A `TwoWayAttentionBlock` on rows, with empty token slots."""

    def __init__(self, block: TwoWayAttentionBlock) -> None:
        super().__init__()
        self.block = block
        self.self_attn = TokenAttention(block.self_attn)
        self.gather = TokensToImage(block.cross_attn_token_to_image)
        self.scatter = ImageToTokens(block.cross_attn_image_to_token)

    def _own(self, state_TC: Tensor, tokens_TC: Tensor, absent_T: Tensor) -> Tensor:
        if self.block.skip_first_layer_pe:
            return self.block.norm1(self.self_attn(state_TC, state_TC, absent_T))
        placed_TC = state_TC + tokens_TC
        return self.block.norm1(state_TC + self.self_attn(placed_TC, state_TC, absent_T))

    def _think(self, state_TC: Tensor, gathered_TC: Tensor) -> Tensor:
        state_TC = self.block.norm2(state_TC + gathered_TC)
        return self.block.norm3(state_TC + self.block.mlp(state_TC))

    def forward(
        self, state_TC: Tensor, tokens_TC: Tensor, absent_T: Tensor, cells_PC: Tensor, positions_PC: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Tokens and cells, updated."""
        placed_PC = cells_PC + positions_PC
        state_TC = self._own(state_TC, tokens_TC, absent_T)
        state_TC = self._think(state_TC, self.gather(state_TC + tokens_TC, placed_PC, cells_PC))
        answer_PC = self.scatter(placed_PC, state_TC + tokens_TC, state_TC, absent_T)
        return state_TC, self.block.norm4(cells_PC + answer_PC)

    def forward_prepared(
        self,
        state_TC: Tensor,
        tokens_TC: Tensor,
        absent_T: Tensor,
        cells_PC: Tensor,
        keys_hdP: Tensor,
        values_hPd: Tensor,
        queries_hPd: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """The same where this layer's projections of the image are known."""
        state_TC = self._own(state_TC, tokens_TC, absent_T)
        gathered_TC = self.gather.forward_prepared(state_TC + tokens_TC, keys_hdP, values_hPd)
        state_TC = self._think(state_TC, gathered_TC)
        answer_PC = self.scatter.forward_prepared(queries_hPd, state_TC + tokens_TC, state_TC, absent_T)
        return state_TC, self.block.norm4(cells_PC + answer_PC)


class FirstUpdate(nn.Module):
    """Adds the dense prompt, F features a cell, to everything that was prepared."""

    cells_FC: Tensor
    keys_hdF: Tensor
    values_hFd: Tensor
    queries_hFd: Tensor

    def __init__(self, block: TwoWayAttentionBlock, matrix_FC: Tensor) -> None:
        super().__init__()
        inner, outer = block.cross_attn_token_to_image, block.cross_attn_image_to_token
        self.register_buffer("cells_FC", matrix_FC)
        self.register_buffer("keys_hdF", heads_of(inner.k_proj, inner.num_heads) @ matrix_FC.T)
        self.register_buffer(
            "values_hFd", (heads_of(inner.v_proj, inner.num_heads) @ matrix_FC.T).mT.contiguous()
        )
        self.register_buffer(
            "queries_hFd", (heads_of(outer.q_proj, outer.num_heads) @ matrix_FC.T).mT.contiguous()
        )

    def forward(
        self, features_PF: Tensor, cells_PC: Tensor, keys_hdP: Tensor, values_hPd: Tensor, queries_hPd: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The prepared tensors with features [P, F] of the dense prompt."""
        return (
            cells_PC + features_PF @ self.cells_FC,
            keys_hdP + self.keys_hdF @ features_PF.T,
            values_hPd + features_PF @ self.values_hFd,
            queries_hPd + features_PF @ self.queries_hFd,
        )


class UpscaleRows(nn.Module):
    """The decoder's two transposed convolutions (kernel 2, stride 2) as matrix products on rows."""

    first_weight: Tensor
    first_bias: Tensor
    second_weight: Tensor
    second_bias: Tensor

    def __init__(self, upscaling: nn.Sequential, grid: tuple[int, int]) -> None:
        super().__init__()
        first, norm, self.activation, second, self.last = upscaling.children()
        assert isinstance(norm, LayerNorm2d)
        self.grid = grid
        self.norm = norm
        for name, convolution in (("first", first), ("second", second)):
            assert isinstance(convolution, nn.ConvTranspose2d)
            assert convolution.bias is not None
            # [in, out, 2, 2] -> [in, 4 * out]: the four subcells of a cell lie side by side.
            weight = convolution.weight.detach().permute(0, 2, 3, 1).flatten(1).contiguous()
            self.register_buffer(f"{name}_weight", weight)
            self.register_buffer(f"{name}_bias", convolution.bias.detach().repeat(4))

    def forward(self, cells_PC: Tensor, hyper_MK: Tensor, masks: int) -> Tensor:
        """Cells [P, C] and mask vectors [M, C / 8] -> logits [M, L, L]."""
        x = cells_PC @ self.first_weight + self.first_bias
        norm = self.norm
        x = x.reshape(-1, norm.weight.shape[0])  # [4P, C / 4]
        x = self.activation(F.layer_norm(x, norm.weight.shape, norm.weight, norm.bias, norm.eps))
        x = self.last(x @ self.second_weight + self.second_bias)
        logits = hyper_MK @ x.reshape(-1, hyper_MK.shape[1]).T  # [M, 16P]
        height, width = self.grid
        # A cell's pixels come as (row, column) of its quarter, then of the quarter's quarter.
        tiles = logits.reshape(masks, height, width, 2, 2, 2, 2)
        return tiles.permute(0, 1, 3, 5, 2, 4, 6).reshape(masks, 4 * height, 4 * width)


def blocks_of(sam: Sam) -> list[TwoWayAttentionBlock]:
    """The two-way blocks of the decoder, in order."""
    return [block for block in sam.mask_decoder.transformer.layers if isinstance(block, TwoWayAttentionBlock)]


def first_block(sam: Sam) -> TwoWayAttentionBlock:
    """The block whose image side sees the image alone."""
    return blocks_of(sam)[0]


def positions_of(encoder: PromptEncoder) -> Tensor:
    """Positions of the grid's cells as rows [P, C]."""
    return encoder.get_dense_pe()[0].flatten(1).T


def sam_side(encoder: PromptEncoder) -> Tensor:
    """Width and height of the model's input, float."""
    height, width = encoder.input_image_size
    return torch.tensor([width, height], dtype=torch.float32)
