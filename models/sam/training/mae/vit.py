"""The masked autoencoder of a ViT encoder: it sees only the visible patches, a light decoder fills in the rest.

In pre-training the encoder's blocks attend globally, without relative positions (their tables stay at zero), with a class
token and a final norm that the promptable stage drops; its neck is left as it is.
Shape letters: B images, N patches, V visible patches, C width, D values of a patch.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.sam.modeling.common import MLPBlock
from models.sam.modeling.image_encoder import Block, ImageEncoderViT
from models.sam.training.mae.patches import (
    masked_loss,
    normalised_patches,
    random_order,
    sincos_positions,
    visible_count,
)


class ViTAutoencoder(nn.Module):
    """`image_encoder` is the encoder to train, in place; `forward` gives the loss."""

    def __init__(
        self, encoder: ImageEncoderViT, mask_ratio: float, width: int, depth: int, num_heads: int
    ) -> None:
        super().__init__()
        self.mask_ratio = mask_ratio
        self.image_encoder = encoder
        self.patch = encoder.patch_embed.proj.kernel_size[0]
        encoder_width, grid = encoder.pos_embed.shape[-1], encoder.pos_embed.shape[1]
        encoder.pos_embed.data.copy_(sincos_positions(encoder_width, grid)[None])
        encoder.pos_embed.requires_grad_(False)
        self.class_token = nn.Parameter(torch.randn(1, 1, encoder_width) * 0.02)
        self.norm = nn.LayerNorm(encoder_width, eps=1e-6)
        self.decoder_input = nn.Linear(encoder_width, width)
        self.mask_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.decoder_blocks = nn.ModuleList(TokenBlock(width, num_heads) for _ in range(depth))
        self.decoder_norm = nn.LayerNorm(width, eps=1e-6)
        self.decoder_output = nn.Linear(width, 3 * self.patch**2)

    def forward(self, images_B3SS: Tensor, generator: torch.Generator) -> Tensor:
        """Loss of normalised images; their side is a multiple of the patch's."""
        patches_BNC = self.image_encoder.patch_embed(images_B3SS).flatten(1, 2)
        B, N, _ = patches_BNC.shape
        visible = visible_count(N, self.mask_ratio)
        order_BN = random_order(B, N, generator)
        latent = self._encode(patches_BNC, order_BN[:, :visible], images_B3SS.shape[-1] // self.patch)
        predicted = self._decode(latent, order_BN, images_B3SS.shape[-1] // self.patch)
        hidden_BN = torch.ones(B, N, dtype=torch.bool, device=order_BN.device)
        hidden_BN.scatter_(1, order_BN[:, :visible], False)
        return masked_loss(predicted, normalised_patches(images_B3SS, self.patch), hidden_BN)

    def _encode(self, patches_BNC: Tensor, visible_BV: Tensor, grid: int) -> Tensor:
        """Class token and visible patches [B, 1 + V, C]."""
        width = patches_BNC.shape[-1]
        positions = sincos_positions(width, grid).flatten(0, 1).to(patches_BNC.device)
        x_BVC = (patches_BNC + positions).gather(1, visible_BV[..., None].expand(-1, -1, width))
        x = torch.cat([self.class_token.expand(len(x_BVC), -1, -1), x_BVC], dim=1)
        for block in self.image_encoder.blocks:
            assert isinstance(block, Block)
            attention = block.attn
            x = x + attend(block.norm1(x), attention.qkv, attention.proj, attention.num_heads)
            x = x + block.mlp(block.norm2(x))
        return self.norm(x)

    def _decode(self, latent: Tensor, order_BN: Tensor, grid: int) -> Tensor:
        """Values [B, N, D] of all patches."""
        tokens = self.decoder_input(latent)
        B, N = order_BN.shape
        width = tokens.shape[-1]
        hidden = self.mask_token.to(tokens.dtype).expand(B, N - (tokens.shape[1] - 1), -1)
        shuffled = torch.cat([tokens[:, 1:], hidden], dim=1)
        x_BNC = shuffled.gather(1, order_BN.argsort(dim=1)[..., None].expand(-1, -1, width))
        x_BNC = x_BNC + sincos_positions(width, grid).flatten(0, 1).to(tokens.device)
        x = torch.cat([tokens[:, :1], x_BNC], dim=1)
        for block in self.decoder_blocks:
            x = block(x)
        return self.decoder_output(self.decoder_norm(x[:, 1:]))


class TokenBlock(nn.Module):
    """Pre-norm transformer block on tokens [B, N, C], global attention, MLP of four times the width."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        if width % num_heads:
            raise ValueError(f"width {width} is not divisible by {num_heads} heads")
        self.num_heads = num_heads
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = MLPBlock(width, 4 * width)

    def forward(self, x_BNC: Tensor) -> Tensor:
        x_BNC = x_BNC + attend(self.norm1(x_BNC), self.qkv, self.proj, self.num_heads)
        return x_BNC + self.mlp(self.norm2(x_BNC))


def attend(x_BNC: Tensor, qkv: nn.Linear, proj: nn.Linear, num_heads: int) -> Tensor:
    """Self-attention among all tokens, no positions."""
    B, N, C = x_BNC.shape
    q, k, v = qkv(x_BNC).reshape(B, N, 3, num_heads, C // num_heads).permute(2, 0, 3, 1, 4)
    return proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, N, C))
