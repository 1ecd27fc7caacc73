"""A text embedding as a prompt: one more sparse token, and a map of where in the image it is meant (SAM paper, 7.5).

The paper's text prompt is a token alone, and its decoder learned with it. This part is added to a model that has learned
already and stays as it is, whose decoder was never taught such a token. So the word is also compared with every cell of
the image, and the likeness drawn into the dense prompt, which is how clicks and boxes speak to a small decoder too
(`prompt_maps`, `prompt_similarity`). `has_map=False` is the paper's way.

Shape letters: N prompts, D width of the text embedding, C of the model, K of what words and cells are compared by,
E embedding side, h w its half, B images.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.modeling.common import LayerNorm2d

WIDTH = 96
COMPARED = 64
READINGS = 3
FEATURES = 32
FIRST_SCALE, FIRST_BIAS = 10.0, -2.0


class TextPrompt(nn.Module):
    """Reads text embeddings of `text_dim` for a model whose embeddings have `embed_dim` channels.

    The map's share begins at zero. Without `has_map` there is the token alone, as in the paper.
    """

    def __init__(self, text_dim: int, embed_dim: int, has_map: bool = True, width: int = WIDTH) -> None:
        super().__init__()
        self.text_dim, self.embed_dim, self.has_map, self.width = text_dim, embed_dim, has_map, width
        self.token = nn.Sequential(
            nn.Linear(text_dim, 2 * embed_dim), nn.ReLU(), nn.Linear(2 * embed_dim, embed_dim)
        )
        if has_map:
            self.cells = CellReader(embed_dim, width)
            self.query = nn.Linear(text_dim, COMPARED, bias=False)
            self.scale = nn.Parameter(torch.tensor(FIRST_SCALE).log())
            self.bias = nn.Parameter(torch.tensor(FIRST_BIAS))
            self.mix = nn.Linear(READINGS, FEATURES)
            self.project = nn.Linear(FEATURES, embed_dim, bias=False)
            nn.init.zeros_(self.project.weight)

    def embed(self, text_ND: Tensor) -> Tensor:
        """Tokens [N, 1, C] of text embeddings [N, D], of any length but zero."""
        return self.token(F.normalize(text_ND, dim=-1))[:, None]

    def compared(self, image_embeddings: Tensor) -> Tensor:
        """What words are compared with, of images [B, C, E, E]: unit vectors [B, K, h, w]."""
        return F.normalize(self.cells(image_embeddings), dim=1)

    def relevance(self, compared_BKhw: Tensor, text_ND: Tensor) -> Tensor:
        """Logits [N, h, w] of each cell being meant by its prompt. B is N, or 1 for all."""
        query_NK = F.normalize(self.query(F.normalize(text_ND, dim=-1)), dim=-1)
        cosine_Nhw = (query_NK[:, :, None, None] * compared_BKhw).sum(dim=1)
        return self.scale.exp() * cosine_Nhw + self.bias

    def draw(self, relevance_Nhw: Tensor, size: tuple[int, int]) -> Tensor:
        """The dense prompt's share [N, C, E, E] for a grid of `size`."""
        return (self.project.weight @ self.features(relevance_Nhw, size)).unflatten(2, size)

    def features(self, relevance_Nhw: Tensor, size: tuple[int, int]) -> Tensor:
        """[N, F, P], which times a matrix are what `draw` answers."""
        logits_N1EE = F.interpolate(relevance_Nhw[:, None], size=size, mode="bilinear", align_corners=False)
        # How likely, how much so on either side of doubt, and how near to the likeliest cell: of several things of one
        # kind only the decoder can choose.
        peak = logits_N1EE.amax(dim=(2, 3), keepdim=True)
        readings_NR = torch.cat(
            [logits_N1EE.sigmoid(), (logits_N1EE / 4).tanh(), (logits_N1EE - peak).exp()], dim=1
        ).flatten(2)
        return torch.relu(self.mix.weight @ readings_NR + self.mix.bias[:, None])


class CellReader(nn.Module):
    """Cells with their surroundings, near and far: [B, C, E, E] -> [B, K, E / 2, E / 2], E a multiple of 8.

    SAM's embedding tells things apart and not what they are: the name needs more of the picture than a cell.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.stem = _layer(channels, width, 1)
        self.down = nn.ModuleList(_layer(width, width, 3, stride=2) for _ in range(3))
        self.everywhere = nn.Linear(width, width)
        self.smooth = nn.ModuleList(_layer(width, width, 3) for _ in range(2))
        self.answer = nn.Conv2d(width, COMPARED, 1)

    def forward(self, x_BCEE: Tensor) -> Tensor:
        levels, x = [], self.stem(x_BCEE)
        for down in self.down:
            x = down(x)
            levels.append(x)
        x = x + self.everywhere(x.mean(dim=(2, 3)))[:, :, None, None]
        for level, smooth in zip(reversed(levels[:-1]), self.smooth, strict=True):
            x = smooth(level + F.interpolate(x, size=level.shape[2:], mode="nearest"))
        return self.answer(x)


def _layer(channels: int, width: int, kernel: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(channels, width, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(convolution, LayerNorm2d(width), nn.GELU())
