"""From what a mask looks like to the space of a text encoder that has no eyes.

The paper trains with CLIP's embedding of a picture of the object. A sentence encoder offers none, so this small
network is taught one: of the image embedding's mean inside of a mask, to the embedding of its name.

Shape letters: n masks, C channels, D text width, E L sides of embedding and masks.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

HIDDEN = 256
FIRST_SCALE = 10.0


class MaskToText(nn.Module):
    """Mask features [n, C] of unit length -> embeddings [n, D] of length 1."""

    def __init__(self, embed_dim: int, text_dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(embed_dim)
        self.hidden = nn.Linear(embed_dim, HIDDEN)
        self.answer = nn.Linear(HIDDEN, text_dim)
        self.scale = nn.Parameter(torch.tensor(FIRST_SCALE).log())

    def forward(self, features_nC: Tensor) -> Tensor:
        hidden = F.gelu(self.hidden(self.norm(features_nC)))
        return F.normalize(self.answer(hidden), dim=-1)

    def naming_loss(self, features_nC: Tensor, named_n: Tensor, names_VD: Tensor) -> Tensor:
        """How badly masks are named, mean over masks: cross-entropy over all names, and the cosine's distance to the
        right one. `named` are the numbers of their names, whose embeddings are `names`."""
        embedded_nD = self(features_nC)
        logits_nV = self.scale.exp() * embedded_nD @ names_VD.T
        distance_n = 1 - (embedded_nD * names_VD[named_n]).sum(dim=1)
        return F.cross_entropy(logits_nV, named_n) + distance_n.mean()


def features_of(embedding_CEE: Tensor, masks_nLL: Tensor) -> Tensor:
    """The embedding's mean over the cells of each mask [n, L, L], each cell by the share that is covered: [n, C], of
    length 1, as `mask_embedding.embedding_under_mask` gives it."""
    side = embedding_CEE.shape[-1]
    share_nP = F.avg_pool2d(masks_nLL[:, None].float(), masks_nLL.shape[-1] // side).flatten(1)
    return F.normalize(share_nP @ embedding_CEE.float().flatten(1).T, dim=1)
