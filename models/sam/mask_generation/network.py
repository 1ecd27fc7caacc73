"""The network as the generator's decoder: a crop is encoded and prepared once, its points share that.

Shape letters: n points, m masks, L low-res side, h x w a crop's size.
"""

import os
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.sam.decode.points import ClickImage, answer_together, click_decoder
from models.sam.mask_generation.asking import MASKS
from models.sam.predictor import EncodedImage, SamPredictor
from models.sam.transforms import scale_coords
from models.sam.upscaling import MaskUpscaling

LARGEST_BATCH = {"cpu": 64, "cuda": 256}
_SHARE_OF_MEMORY = 0.25  # that one batch may take
_PASSES = 12  # tensors of the cells' size that a point of a batch holds at most


class NetworkDecoder:
    """A `PointDecoder` of a SAM model. `together` decodes the points of a batch in one go, by default where that is
    faster: not on a CPU."""

    def __init__(self, predictor: SamPredictor, together: bool | None = None) -> None:
        self.predictor = predictor
        self.clicks = click_decoder(predictor.model)
        self.together = predictor.model.device.type != "cpu" if together is None else together

    @property
    def mask_threshold(self) -> float:
        """The model's."""
        return self.predictor.model.mask_threshold

    def look_at(self, crop: np.ndarray) -> "NetworkCrop":
        """Encodes the crop; ValueError as `SamPredictor.encode`."""
        (encoded,) = self.predictor.encode([crop])
        return self.prepare(encoded)

    def prepare(self, encoded: EncodedImage) -> "NetworkCrop":
        """What answers points on a crop that is encoded."""
        model = self.predictor.model
        low_res = model.prompt_encoder.mask_input_size[0]
        upscaling = MaskUpscaling(
            low_res, model.image_size, encoded.input_size, encoded.original_size, model.device
        )
        image = self.clicks.image(encoded.embedding)
        return NetworkCrop(image, upscaling, encoded, model.image_size, self.together)


class NetworkCrop:
    """A prepared crop; `side` of the model's input."""

    def __init__(
        self,
        image: ClickImage,
        upscaling: MaskUpscaling,
        encoded: EncodedImage,
        side: int,
        together: bool,
    ) -> None:
        self.image, self.upscaling, self.encoded, self.side = image, upscaling, encoded, side
        self.together = together

    @property
    def usual_batch(self) -> int:
        """As many points as a quarter of the free memory holds, up to `LARGEST_BATCH`."""
        cells = self.encoded.embedding
        largest = LARGEST_BATCH.get(cells.device.type, LARGEST_BATCH["cpu"])
        fitting = _SHARE_OF_MEMORY * free_memory(cells.device) / (_PASSES * cells.nbytes)
        return int(min(max(fitting, 1), largest))

    def decode(self, points: np.ndarray) -> "LazyAnswers | Answers":
        """Answers to points [n, 2], XY in pixels of the crop."""
        scaled = torch.as_tensor(scale_coords(points, self.encoded.original_size, self.side))
        points_n2 = scaled.float().to(self.encoded.embedding.device)
        if self.together:
            return Answers(*answer_together(self.image, points_n2), self.upscaling)
        return LazyAnswers(self.image, points_n2, self.upscaling)


class Answers:
    """Answers whose masks are drawn: low-res logits [n, 3, L, L] and IoU predictions [n, 3]."""

    def __init__(self, low_res: Tensor, iou_predictions: Tensor, upscaling: MaskUpscaling) -> None:
        self.low_res, self.iou_predictions, self.upscaling = low_res, iou_predictions, upscaling

    def logits(self, numbers: Tensor) -> Tensor:
        """[m, h, w]."""
        return self.upscaling(self.low_res.flatten(0, 1)[numbers])


class LazyAnswers:
    """Answers one by one, masks drawn when they are asked for: those of few IoU predictions never are.

    Where IoU predictions depend on the masks they are drawn at once.
    """

    def __init__(self, image: ClickImage, points_n2: Tensor, upscaling: MaskUpscaling) -> None:
        self.image, self.upscaling = image, upscaling
        self.readings: list[Any] = []
        self.drawn: list[Tensor | None] = []
        iou = []
        for point_2 in points_n2:
            reading = image.read(point_2)
            drawn = image.draw(reading) if image.judges_masks else None
            iou.append(image.judge(reading, drawn))
            self.readings.append(reading if drawn is None else None)
            self.drawn.append(drawn)
        self.iou_predictions = torch.stack(iou)

    def logits(self, numbers: Tensor) -> Tensor:
        """[m, h, w]."""
        return self.upscaling(torch.stack([self._low_res(number) for number in numbers.tolist()]))

    def _low_res(self, number: int) -> Tensor:
        point, mask = divmod(number, MASKS)
        drawn, reading = self.drawn[point], self.readings[point]
        if drawn is None:
            drawn = self.drawn[point] = self.image.draw(reading)
            self.readings[point] = None
        return drawn[mask]


def free_memory(device: torch.device) -> int:
    """Bytes."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
