"""The two-way transformer of the mask decoder (SAM paper, appendix A, and the published code where it is
silent).

Shape suffixes: B prompts, N tokens, P image cells (E*E), C width.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.sam.modeling.common import MLPBlock, plain_attention
from models.sam.modeling.cpu_training import trains_on_cpu, working_dtype


class Attention(nn.Module):
    """Multi-head attention that may work at a smaller inner width than its inputs.

    Projects q, k, v from `embedding_dim` to `embedding_dim / downsample_rate`, and the result back.
    Raises ValueError if the inner width does not divide by the heads.
    """

    def __init__(self, embedding_dim: int, num_heads: int, downsample_rate: int = 1) -> None:
        super().__init__()
        self.internal_dim = embedding_dim // downsample_rate
        self.num_heads = num_heads
        if self.internal_dim % num_heads:
            raise ValueError(f"inner width {self.internal_dim} does not divide by {num_heads} heads")
        self.scale = (self.internal_dim // num_heads) ** -0.5
        self.q_proj = nn.Linear(embedding_dim, self.internal_dim)
        self.k_proj = nn.Linear(embedding_dim, self.internal_dim)
        self.v_proj = nn.Linear(embedding_dim, self.internal_dim)
        self.out_proj = nn.Linear(self.internal_dim, embedding_dim)

    def _split_heads(self, x_BNC: Tensor) -> Tensor:
        return x_BNC.unflatten(-1, (self.num_heads, self.internal_dim // self.num_heads)).transpose(1, 2)

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """q [B, Nq, C], k and v [B, Nk, C] -> [B, Nq, C]."""
        queries, keys = self._split_heads(self.q_proj(q)), self._split_heads(self.k_proj(k))
        values = self._split_heads(self.v_proj(v))
        if torch.jit.is_tracing() or trains_on_cpu(self, q):
            # Spelled out it exports to three operators, and the fused kernel's backward is slow on a CPU:
            # it took 35 % of the decoder's time in training.
            out = plain_attention(queries, keys, values, self.scale)
        else:
            out = F.scaled_dot_product_attention(queries, keys, values, scale=self.scale)
        return self.out_proj(out.transpose(1, 2).flatten(2))


class TwoWayAttentionBlock(nn.Module):
    """Token self-attention, tokens to image, MLP on tokens, image to tokens; a norm after each."""

    def __init__(
        self,
        embedding_dim: int,
        num_heads: int,
        mlp_dim: int,
        attention_downsample_rate: int = 2,
        skip_first_layer_pe: bool = False,
    ) -> None:
        super().__init__()
        self.self_attn = Attention(embedding_dim, num_heads)
        self.norm1 = nn.LayerNorm(embedding_dim)
        self.cross_attn_token_to_image = Attention(embedding_dim, num_heads, attention_downsample_rate)
        self.norm2 = nn.LayerNorm(embedding_dim)
        self.mlp = MLPBlock(embedding_dim, mlp_dim, nn.ReLU)
        self.norm3 = nn.LayerNorm(embedding_dim)
        self.norm4 = nn.LayerNorm(embedding_dim)
        self.cross_attn_image_to_token = Attention(embedding_dim, num_heads, attention_downsample_rate)
        self.skip_first_layer_pe = skip_first_layer_pe

    def forward(
        self, queries: Tensor, keys: Tensor, query_pe: Tensor, key_pe: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Tokens `queries` [B, N, C] and image cells `keys` [B, P, C] -> both, updated."""
        if self.skip_first_layer_pe:
            # The published first layer has neither position nor residual here: its output replaces the
            # tokens.
            queries = self.self_attn(queries, queries, queries)
        else:
            q = queries + query_pe
            queries = queries + self.self_attn(q, q, queries)
        queries = self.norm1(queries)

        k = keys + key_pe
        queries = self.norm2(queries + self.cross_attn_token_to_image(queries + query_pe, k, keys))
        queries = self.norm3(queries + self.mlp(queries))
        keys = self.norm4(keys + self.cross_attn_image_to_token(k, queries + query_pe, queries))
        return queries, keys


class TwoWayTransformer(nn.Module):
    """`depth` two-way blocks, then one more attention from the tokens to the image."""

    def __init__(
        self,
        depth: int,
        embedding_dim: int,
        num_heads: int,
        mlp_dim: int,
        attention_downsample_rate: int = 2,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            TwoWayAttentionBlock(
                embedding_dim, num_heads, mlp_dim, attention_downsample_rate, skip_first_layer_pe=index == 0
            )
            for index in range(depth)
        )
        self.final_attn_token_to_image = Attention(embedding_dim, num_heads, attention_downsample_rate)
        self.norm_final_attn = nn.LayerNorm(embedding_dim)

    def forward(self, image_embedding: Tensor, image_pe: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Image [B, C, E, E], positions [1 or B, C, E, E], tokens [B, N, C] -> tokens, image [B, P, C]."""
        keys = image_embedding.flatten(2).transpose(1, 2)
        key_pe = image_pe.flatten(2).transpose(1, 2)
        if trains_on_cpu(self, image_embedding):
            # Sums of two layouts or two dtypes are slow, and so is their backward.
            keys, key_pe = (rows.to(working_dtype(rows)).contiguous() for rows in (keys, key_pe))
        queries = tokens
        for layer in self.layers:
            queries, keys = layer(queries, keys, tokens, key_pe)
        attended = self.final_attn_token_to_image(queries + tokens, keys + key_pe, keys)
        return self.norm_final_attn(queries + attended), keys
