"""Attention between a few tokens and many image cells, with the products in the cheaper order.

Scores q k^T with k = K W_k^T are (q W_k) K^T, and A (K W_v^T) is (A K) W_v^T: the projections then run over tokens, not
over cells. Exact apart from rounding, and cheaper while heads * tokens < twice the inner width. The key bias adds the
same number to all scores of a token, which the softmax over cells ignores; rows of A sum to 1, so the value bias
passes through. The tokens-to-cells direction has its softmax over tokens, where the bias must stay.

Scores and weights always have the cells as their last axis: long rows are what WebAssembly's kernels are fast at.

The softmax over tokens sees only differences of scores, and its weights sum to 1. So the first token, which always
exists, serves as the zero: the others' keys and values are taken relative to its own, and it needs no row.

Shape letters: P image cells, T tokens, h heads, d width of a head, I = h * d, R = h * T, S = h * (T - 1), C width, F
features of the dense prompt (matrices have rows or columns for all there may be, of which the first are used).
"""

import torch
from torch import Tensor, nn

from models.sam.decode.activation import positive
from models.sam.modeling.transformer import Attention


def heads_of(linear: nn.Linear, num_heads: int) -> Tensor:
    """Weight [I, C] of a projection into heads as [h, d, C]."""
    return linear.weight.detach().unflatten(0, (num_heads, -1))


def bias_of(linear: nn.Linear, num_heads: int) -> Tensor:
    """Bias [I] of a projection into heads as [h, 1, d]."""
    assert linear.bias is not None
    return linear.bias.detach().reshape(num_heads, 1, -1)


class TokensToImage(nn.Module):
    """Tokens gather from the image: `attention` with its image-side projections moved to the token side.

    `offset_C` is what each cell has on top of the rows it is given without positions (the bias of the norm before).
    `features_FC` are the rows of a dense prompt's matrix, where there is one to be added to prepared keys and values.
    """

    key_hdC: Tensor
    value_hCd: Tensor
    value_bias_h1d: Tensor
    key_hdF: Tensor
    value_hFd: Tensor

    def __init__(
        self, attention: Attention, offset_C: Tensor | None = None, features_FC: Tensor | None = None
    ) -> None:
        super().__init__()
        self.heads, self.scale = attention.num_heads, attention.scale
        self.query, self.out = attention.q_proj, attention.out_proj
        bias_h1d = bias_of(attention.v_proj, self.heads)
        value_hCd = heads_of(attention.v_proj, self.heads).mT.contiguous()
        if offset_C is not None:
            bias_h1d = bias_h1d + offset_C[None, None] @ value_hCd
        self.register_buffer("value_hCd", value_hCd)
        self.register_buffer("value_bias_h1d", bias_h1d)
        if features_FC is None:
            self.register_buffer("key_hdC", heads_of(attention.k_proj, self.heads))
        else:
            self.register_buffer("key_hdF", heads_of(attention.k_proj, self.heads) @ features_FC.T)
            self.register_buffer("value_hFd", features_FC @ value_hCd)

    def queries(self, x_TC: Tensor) -> Tensor:
        """Scaled queries [h, T, d]."""
        return (self.query(x_TC) * self.scale).unflatten(-1, (self.heads, -1)).transpose(0, 1)

    def forward(self, x_TC: Tensor, placed_PC: Tensor, rows_PC: Tensor) -> Tensor:
        """Tokens (with their positions), cells with positions and without (and without offset) -> [T, C]."""
        reach_RC = (self.queries(x_TC) @ self.key_hdC).flatten(0, 1)
        return self.answer(self._pooled((reach_RC @ placed_PC.T).softmax(dim=-1), rows_PC))

    def placed(self, positions_PC: Tensor) -> Tensor:
        """What positions (with offset) are to the scores of `forward_apart`: [h, d, P]."""
        return self.key_hdC @ positions_PC.T

    def forward_apart(self, x_TC: Tensor, placed_hdP: Tensor, rows_PC: Tensor) -> Tensor:
        """The same without adding positions to the cells: for one reader, that pass over them costs more than another
        product of few rows."""
        queries_hTd = self.queries(x_TC)
        reach_RC = (queries_hTd @ self.key_hdC).flatten(0, 1)
        scores_RP = reach_RC @ rows_PC.T + (queries_hTd @ placed_hdP).flatten(0, 1)
        return self.answer(self._pooled(scores_RP.softmax(dim=-1), rows_PC))

    def forward_prepared(
        self,
        x_TC: Tensor,
        features_FP: Tensor,
        keys_hdP: Tensor,
        values_hdP: Tensor | None,
        rows_PC: Tensor,
    ) -> Tensor:
        """The same where the projected keys are known, and maybe the values (neither with its bias), but for what the
        features add."""
        queries_hTd, count = self.queries(x_TC), features_FP.shape[0]
        shared_RF = (queries_hTd @ self.key_hdF[..., :count]).flatten(0, 1)
        scores_RP = shared_RF @ features_FP + (queries_hTd @ keys_hdP).flatten(0, 1)
        weights_RP = scores_RP.softmax(dim=-1)
        if values_hdP is None:
            gathered_hTd = self._pooled(weights_RP, rows_PC)
        else:
            gathered_hTd = weights_RP.unflatten(0, (self.heads, -1)) @ values_hdP.transpose(1, 2)
        seen_hTF = (weights_RP @ features_FP.T).unflatten(0, (self.heads, -1))
        return self.answer(gathered_hTd + seen_hTF @ self.value_hFd[:, :count])

    def _pooled(self, weights_RP: Tensor, rows_PC: Tensor) -> Tensor:
        """Projected means of the cells [h, T, d]."""
        return (weights_RP @ rows_PC).unflatten(0, (self.heads, -1)) @ self.value_hCd

    def answer(self, gathered_hTd: Tensor) -> Tensor:
        """What the tokens take from gathered values without their bias [h, T, d]: [T, C]."""
        return self.out((gathered_hTd + self.value_bias_h1d).transpose(0, 1).flatten(1))


class ImageToTokens(nn.Module):
    """Image cells gather from the tokens: weights [S, P], and what their rows and then a row of ones add [S + 1, C].

    The additions have mean 0 over the width (`centred`), as the norm that follows needs no other part of them. With
    `seen_CO` they have O columns more: the same times that matrix. `absent_T` is 0 for tokens that exist and very
    negative for empty slots. `offset_C` is added to every cell.
    """

    query_hdC: Tensor
    query_bias_hd1: Tensor
    mean_1C: Tensor
    no_bias_11: Tensor
    query_hdF: Tensor
    out_hdC: Tensor
    constant_1C: Tensor

    def __init__(
        self,
        attention: Attention,
        offset_C: Tensor | None = None,
        features_FC: Tensor | None = None,
        seen_CO: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.heads, self.scale = attention.num_heads, attention.scale
        self.key, self.value = attention.k_proj, attention.v_proj
        assert attention.out_proj.bias is not None
        out_CI = attention.out_proj.weight.detach()
        out_hdC = out_CI.T.reshape(self.heads, -1, out_CI.shape[0])
        constant_C = attention.out_proj.bias.detach()
        if offset_C is not None:
            constant_C = constant_C + offset_C
        self.register_buffer("out_hdC", beside(centred(out_hdC), seen_CO))
        self.register_buffer("constant_1C", beside(centred(constant_C)[None], seen_CO))
        query_hdC = heads_of(attention.q_proj, self.heads)
        self.register_buffer("query_hdC", query_hdC)
        self.register_buffer("query_bias_hd1", bias_of(attention.q_proj, self.heads).mT.contiguous())
        if features_FC is None:
            self.register_buffer("no_bias_11", torch.zeros(1, 1))
            self.register_buffer("mean_1C", torch.full((1, query_hdC.shape[-1]), 1 / query_hdC.shape[-1]))
        else:
            self.register_buffer("query_hdF", query_hdC @ features_FC.T)

    def keys(self, x_TC: Tensor) -> Tensor:
        """Scaled keys [h, T - 1, d], less those of the first token."""
        keys_hTd = (self.key(x_TC) * self.scale).unflatten(-1, (self.heads, -1)).transpose(0, 1)
        return keys_hTd[:, 1:] - keys_hTd[:, :1]

    def _answer(self, scores_hSP: Tensor, values_TC: Tensor) -> tuple[Tensor, Tensor]:
        """Scores relative to the first token's, [h, T - 1, P]."""
        relative_hSd, everywhere_1C = self.gathered(values_TC)
        additions_SC = (relative_hSd @ self.out_hdC).flatten(0, 1)
        return self.weights(scores_hSP).flatten(0, 1), torch.cat([additions_SC, everywhere_1C])

    @staticmethod
    def weights(scores_hSP: Tensor) -> Tensor:
        """Weights of all tokens but the first, from scores relative to the first one's: [h, T - 1, P]."""
        # Softmax spelled out: over an axis that is not the last, the operator itself would transpose twice.
        highest_h1P = positive(scores_hSP.amax(dim=1, keepdim=True))
        shares_hSP = (scores_hSP - highest_h1P).exp()
        return shares_hSP / (shares_hSP.sum(dim=1, keepdim=True) + (-highest_h1P).exp())

    def gathered(self, values_TC: Tensor) -> tuple[Tensor, Tensor]:
        """Values of all tokens but the first, less those of the first, [h, T - 1, d], and what is added to all cells."""
        first_h1d, relative_hSd = self.values(values_TC)
        return relative_hSd, (first_h1d @ self.out_hdC).sum(dim=0) + self.constant_1C

    def values(self, values_TC: Tensor) -> tuple[Tensor, Tensor]:
        """Values of the first token [h, 1, d], and of all others less those of the first [h, T - 1, d]."""
        values_hTd = self.value(values_TC).unflatten(-1, (self.heads, -1)).transpose(0, 1)
        return values_hTd[:, :1], values_hTd[:, 1:] - values_hTd[:, :1]

    def forward(
        self, placed_PC: Tensor, x_TC: Tensor, values_TC: Tensor, absent_T: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Cells with positions, tokens with and without positions -> weights [S, P], additions [S + 1, C], and the
        means of the given cells [1, P]."""
        keys_hSd = self.keys(x_TC)
        reach_SC = (keys_hSd @ self.query_hdC).flatten(0, 1)
        bias_hS1 = keys_hSd @ self.query_bias_hd1 + absent_T[1:, None]
        # One more row of the product takes the means, which would be another pass over the cells.
        rows = torch.cat([reach_SC, self.mean_1C])
        scores = rows @ placed_PC.T + torch.cat([bias_hS1.flatten(0, 1), self.no_bias_11])
        weights_SP, additions = self._answer(scores[:-1].unflatten(0, (self.heads, -1)), values_TC)
        return weights_SP, additions, scores[-1:]

    def placed(self, positions_PC: Tensor) -> Tensor:
        """Queries of the positions alone, with bias: [h, d, P]."""
        return self.query_hdC @ positions_PC.T + self.query_bias_hd1

    def forward_prepared(
        self,
        queries_hdP: Tensor,
        features_FP: Tensor,
        x_TC: Tensor,
        values_TC: Tensor,
        absent_T: Tensor,
        cells_PC: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """The same where the projected queries (with bias) are known, but for what features add: those of the cells with
        their positions, or, with `cells_PC`, those of the positions alone."""
        keys_hSd = self.keys(x_TC)
        shared_SF = (keys_hSd @ self.query_hdF[..., : features_FP.shape[0]]).flatten(0, 1)
        scores_SP = shared_SF @ features_FP + (keys_hSd @ queries_hdP).flatten(0, 1)
        if cells_PC is not None:
            scores_SP = scores_SP + (keys_hSd @ self.query_hdC).flatten(0, 1) @ cells_PC.T
        return self._answer(scores_SP.unflatten(0, (self.heads, -1)) + absent_T[1:, None], values_TC)


class TokenAttention(nn.Module):
    """Self-attention of the tokens, blind to empty slots."""

    def __init__(self, attention: Attention) -> None:
        super().__init__()
        self.attention = attention

    def forward(self, x_TC: Tensor, values_TC: Tensor, absent_T: Tensor) -> Tensor:
        """Tokens with and without positions -> [T, C]."""
        a = self.attention

        def split(y_TI: Tensor) -> Tensor:
            return y_TI.unflatten(-1, (a.num_heads, -1)).transpose(0, 1)

        scores_hTT = split(a.q_proj(x_TC) * a.scale) @ split(a.k_proj(x_TC)).transpose(1, 2)
        gathered = (scores_hTT + absent_T).softmax(dim=-1) @ split(a.v_proj(values_TC))
        return a.out_proj(gathered.transpose(0, 1).flatten(1))


def absence(labels_n: Tensor, own_tokens: int, absent_label: int) -> Tensor:
    """[T]: 0 for the decoder's own tokens and for points, -1e9 for slots labelled `absent_label`."""
    empty_n = (labels_n == absent_label).to(torch.float32) * -1e9
    return torch.cat([empty_n.new_zeros(own_tokens), empty_n])


def beside(x: Tensor, seen_CO: Tensor | None) -> Tensor:
    """`x` [..., C] and beside it `x @ seen_CO`: [..., C + O]; `x` alone without a matrix."""
    return x if seen_CO is None else torch.cat([x, x @ seen_CO], dim=-1)


def centred(x: Tensor) -> Tensor:
    """`x` less its mean over the last axis."""
    return x - x.mean(dim=-1, keepdim=True)
