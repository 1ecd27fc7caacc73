"""Attention between a few tokens and many image cells, with the products in the cheaper order.

Scores q k^T with k = K W_k^T are (q W_k) K^T, and A (K W_v^T) is (A K) W_v^T: the projections then run over tokens, not
over cells. Exact apart from rounding, and cheaper while heads * tokens < twice the inner width. The key bias adds the
same number to all scores of a token, which the softmax over cells ignores; rows of A sum to 1, so the value bias
passes through. The tokens-to-cells direction has its softmax over tokens, where the bias must stay.

Shape letters: P image cells, T tokens, h heads, d width of a head, I = h * d, C width.
"""

import torch
from torch import Tensor, nn

from models.sam.modeling.transformer import Attention


def heads_of(linear: nn.Linear, num_heads: int) -> Tensor:
    """Weight [I, C] of a projection into heads as [h, d, C]."""
    return linear.weight.detach().unflatten(0, (num_heads, -1))


def bias_of(linear: nn.Linear, num_heads: int) -> Tensor:
    """Bias [I] of a projection into heads as [h, 1, d]."""
    assert linear.bias is not None
    return linear.bias.detach().reshape(num_heads, 1, -1)


class TokensToImage(nn.Module):
    """Tokens gather from the image: `attention` with its image-side projections moved to the token side."""

    key_hdC: Tensor
    value_hCd: Tensor
    value_bias_h1d: Tensor

    def __init__(self, attention: Attention) -> None:
        super().__init__()
        self.heads, self.scale = attention.num_heads, attention.scale
        self.query, self.out = attention.q_proj, attention.out_proj
        self.register_buffer("key_hdC", heads_of(attention.k_proj, self.heads))
        self.register_buffer("value_hCd", heads_of(attention.v_proj, self.heads).transpose(1, 2).contiguous())
        self.register_buffer("value_bias_h1d", bias_of(attention.v_proj, self.heads))

    def queries(self, x_TC: Tensor) -> Tensor:
        """Scaled queries [h, T, d]."""
        return (self.query(x_TC) * self.scale).unflatten(-1, (self.heads, -1)).transpose(0, 1)

    def forward(self, x_TC: Tensor, keys_PC: Tensor, values_PC: Tensor) -> Tensor:
        """Tokens (with their positions), image cells with and without positions -> [T, C]."""
        reach_hTC = self.queries(x_TC) @ self.key_hdC
        scores_RP = reach_hTC.flatten(0, 1) @ keys_PC.T
        pooled_RC = scores_RP.softmax(dim=-1) @ values_PC
        gathered_hTd = pooled_RC.unflatten(0, (self.heads, -1)) @ self.value_hCd + self.value_bias_h1d
        return self.out(gathered_hTd.transpose(0, 1).flatten(1))

    def forward_prepared(self, x_TC: Tensor, keys_hdP: Tensor, values_hPd: Tensor) -> Tensor:
        """The same where the projected keys (without bias) and values are known."""
        scores_hTP = self.queries(x_TC) @ keys_hdP
        gathered_hTd = scores_hTP.softmax(dim=-1) @ values_hPd
        return self.out(gathered_hTd.transpose(0, 1).flatten(1))


class ImageToTokens(nn.Module):
    """Image cells gather from the tokens. `absent_T` is 0 for tokens that exist and very negative for empty slots."""

    query_hdC: Tensor
    query_bias_hd1: Tensor
    out_hdC: Tensor
    out_bias_C: Tensor

    def __init__(self, attention: Attention) -> None:
        super().__init__()
        self.heads, self.scale = attention.num_heads, attention.scale
        self.key, self.value = attention.k_proj, attention.v_proj
        assert attention.out_proj.bias is not None
        self.register_buffer("query_hdC", heads_of(attention.q_proj, self.heads))
        self.register_buffer(
            "query_bias_hd1", bias_of(attention.q_proj, self.heads).transpose(1, 2).contiguous()
        )
        out_CI = attention.out_proj.weight.detach()
        self.register_buffer("out_hdC", out_CI.T.reshape(self.heads, -1, out_CI.shape[0]).contiguous())
        self.register_buffer("out_bias_C", attention.out_proj.bias.detach())

    def _keys(self, x_TC: Tensor) -> Tensor:
        return (self.key(x_TC) * self.scale).unflatten(-1, (self.heads, -1)).transpose(0, 1)

    def _answers(self, values_TC: Tensor) -> Tensor:
        """What each token of each head adds to a cell [h * T, C]."""
        values_hTd = self.value(values_TC).unflatten(-1, (self.heads, -1)).transpose(0, 1)
        return (values_hTd @ self.out_hdC).flatten(0, 1)

    def _gather(self, scores_PhT: Tensor, values_TC: Tensor, absent_T: Tensor) -> Tensor:
        weights_PR = (scores_PhT + absent_T).softmax(dim=-1).flatten(1)
        return weights_PR @ self._answers(values_TC) + self.out_bias_C

    def forward(self, cells_PC: Tensor, x_TC: Tensor, values_TC: Tensor, absent_T: Tensor) -> Tensor:
        """Cells with positions, tokens with and without positions -> [P, C]."""
        keys_hTd = self._keys(x_TC)
        reach_RC = (keys_hTd @ self.query_hdC).flatten(0, 1)
        bias_R = (keys_hTd @ self.query_bias_hd1).flatten()
        scores_PR = cells_PC @ reach_RC.T + bias_R
        return self._gather(scores_PR.unflatten(1, (self.heads, -1)), values_TC, absent_T)

    def forward_prepared(
        self, queries_hPd: Tensor, x_TC: Tensor, values_TC: Tensor, absent_T: Tensor
    ) -> Tensor:
        """The same where the projected queries (with bias) are known."""
        scores_hPT = queries_hPd @ self._keys(x_TC).transpose(1, 2)
        return self._gather(scores_hPT.transpose(0, 1), values_TC, absent_T)


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
