"""Many single clicks on one image.

Models of SAM's own kind go by `low_rank_points`. For others it is the browser's two graphs, run here, with what can be
kept between clicks: positions and the first layer's values. On a CPU clicks go one by one, since a click's cells fit
into the cache and those of many do not; on a GPU they go together.

Shape letters as in `graphs`; n clicks.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from models.sam.decode.graphs import (
    DESCRIPTORS,
    PREPARED,
    ClickDecoder,
    PrepareImage,
    Reading,
    positions_of,
    sam_side,
)
from models.sam.decode.low_rank_points import FIRST, LowRankDecoder, suits
from models.sam.decode.upscale_bands import UpscaleBands
from models.sam.modeling.labels import FOREGROUND, NOT_A_POINT
from models.sam.modeling.sam import Sam


class ClickImage(Protocol):
    """An image that is ready for clicks; readings are its own."""

    @property
    def judges_masks(self) -> bool:
        """Whether IoU predictions depend on the drawn masks."""
        ...

    def read(self, point_2: Tensor) -> Any:
        """What the transformer makes of a foreground click [2], XY in the model's frame."""
        ...

    def draw(self, reading: Any) -> Tensor:
        """Low-res logits [3, L, L]: whole, part, subpart."""
        ...

    def judge(self, reading: Any, logits_3LL: Tensor | None) -> Tensor:
        """IoU predictions [3]; masks only where `judges_masks`."""
        ...


class SharedDecoder:
    """Prepares images of one model for many clicks. The weights are copied: later changes to `sam` are not seen."""

    def __init__(self, sam: Sam) -> None:
        with torch.no_grad():
            self.prepare, self.click = PrepareImage(sam).eval(), ClickDecoder(sam).eval()
            for module in (self.prepare, self.click):
                module.to(sam.device)
            positions_PC = positions_of(sam.prompt_encoder).contiguous()
            self.placed = self.click.placed(positions_PC)
        decoder = sam.mask_decoder
        self.upscale = UpscaleBands(
            decoder.output_upscaling, sam.prompt_encoder.image_embedding_size, decoder.mask_smoothing
        )
        self.side_2 = sam_side(sam.prompt_encoder).to(sam.device)
        self.no_mask_1P = torch.zeros(1, positions_PC.shape[0], device=sam.device)
        self.labels_12 = torch.tensor([[FOREGROUND, NOT_A_POINT]], device=sam.device)
        self.padding_2 = torch.zeros(2, device=sam.device)

    @torch.no_grad()
    def image(self, embedding: Tensor) -> "PreparedImage":
        """[1, C, E, E] prepared."""
        prepare = self.prepare
        named = dict(zip(prepare.names, prepare(embedding), strict=True))
        cells, means, keys = (named[name] for name in PREPARED)
        values = (prepare.value_IC @ cells.T).unflatten(0, (prepare.heads, -1))
        return PreparedImage(self, (cells, means, keys, named.get("queries"), values), named.get(DESCRIPTORS))


@dataclass(frozen=True)
class PreparedImage:
    """One image, ready for clicks."""

    decoder: SharedDecoder
    prepared: tuple[Tensor, Tensor, Tensor, Tensor | None, Tensor]
    descriptors: Tensor | None

    @property
    def judges_masks(self) -> bool:
        """Whether IoU predictions depend on the drawn masks."""
        return self.decoder.click.quality is not None

    @torch.no_grad()
    def read(self, point_2: Tensor) -> Reading:
        """What the transformer makes of a foreground click [2], XY in the model's frame."""
        decoder, click = self.decoder, self.decoder.click
        coords_122 = torch.stack([point_2, decoder.padding_2])[None]
        unit_22 = (coords_122[0] + 0.5) / decoder.side_2
        features_FP = click.dense(unit_22, decoder.labels_12[0], decoder.no_mask_1P, self.descriptors)
        return click.read(self.prepared, coords_122, decoder.labels_12, features_FP, decoder.placed)

    @torch.no_grad()
    def draw(self, reading: Reading) -> Tensor:
        """Low-res logits [3, L, L]: whole, part, subpart."""
        click, rows_PC = self.decoder.click, reading.rows_PC
        return self.decoder.upscale(
            lambda cells: click.first_convolution(rows_PC[cells]), click.mask_vectors(reading, FIRST)
        )

    @torch.no_grad()
    def judge(self, reading: Reading, logits_3LL: Tensor | None) -> Tensor:
        """IoU predictions [3]; masks only where `judges_masks`."""
        return self.decoder.click.judge(reading, logits_3LL, FIRST)[0]


def click_decoder(sam: Sam) -> LowRankDecoder | SharedDecoder:
    """The cheapest decoder that answers as the model does."""
    return LowRankDecoder(sam) if suits(sam) else SharedDecoder(sam)


@torch.no_grad()
def answer_together(image: ClickImage, points_n2: Tensor) -> tuple[Tensor, Tensor]:
    """Low-res logits [n, 3, L, L] and IoU predictions [n, 3] of clicks that are decoded in one go."""

    def one(point_2: Tensor) -> tuple[Tensor, Tensor]:
        reading = image.read(point_2)
        logits_3LL = image.draw(reading)
        return logits_3LL, image.judge(reading, logits_3LL)

    logits, iou = torch.vmap(one)(points_n2)
    return logits, iou
