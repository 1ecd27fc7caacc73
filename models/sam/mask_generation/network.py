"""The network as the generator's decoder: a crop is encoded and prepared once, its points share that.

Shape letters: n points, m masks, L low-res side, h x w a crop's size.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from models.sam.decode.points import ClickImage, answer_together, click_decoder
from models.sam.memory import free_memory
from models.sam.predictor import EncodedImage, SamPredictor
from models.sam.transforms import scale_coords
from models.sam.upscaling import MaskUpscaling

MASKS = 3  # of a point: whole, part, subpart

T = TypeVar("T")
S = TypeVar("S")

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

    def choose(self, numbers: Tensor) -> None:
        """Nothing is left to be drawn."""

    def logits(self, numbers: Tensor) -> Tensor:
        """[m, h, w]."""
        return self.upscaling(self.low_res.flatten(0, 1)[numbers])


class LazyAnswers:
    """Answers one by one, masks drawn when they are chosen: those of few IoU predictions never are.

    Where IoU predictions depend on the masks they are drawn at once.
    """

    def __init__(self, image: ClickImage, points_n2: Tensor, upscaling: MaskUpscaling) -> None:
        self.image, self.upscaling = image, upscaling
        self.readings: dict[int, Any] = {}
        self.drawn: dict[int, Tensor] = {}
        answers = side_by_side(self._read, list(points_n2))
        for point, (reading, drawn, _) in enumerate(answers):
            if drawn is None:
                self.readings[point] = reading
            else:
                self.drawn[point] = drawn
        self.iou_predictions = torch.stack([iou for _, _, iou in answers])

    def _read(self, point_2: Tensor) -> tuple[Any, Tensor | None, Tensor]:
        reading = self.image.read(point_2)
        drawn = self.image.draw(reading) if self.image.judges_masks else None
        return reading, drawn, self.image.judge(reading, drawn)

    def choose(self, numbers: Tensor) -> None:
        """Draws the masks' points."""
        points = sorted({number // MASKS for number in numbers.tolist()} & set(self.readings))
        masks = side_by_side(self.image.draw, [self.readings[point] for point in points])
        self.drawn.update(zip(points, masks, strict=True))
        self.readings.clear()

    def logits(self, numbers: Tensor) -> Tensor:
        """[m, h, w]; KeyError for masks that were not chosen."""
        places = [divmod(number, MASKS) for number in numbers.tolist()]
        return self.upscaling(torch.stack([self.drawn[point][mask] for point, mask in places]))


def side_by_side(call: Callable[[T], S], items: Sequence[T]) -> list[S]:
    """`call` of each item, on a CPU with as many threads as torch has, each of which computes alone.

    Threads that share each of a click's hundred small operations wait for each other most of the time, and on a busy
    machine nearly all of it: measured, two were slower than one.
    """
    threads = torch.get_num_threads()
    if threads == 1 or len(items) < 2:
        return [call(item) for item in items]
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(call, items))
    finally:
        # What a thread says of itself, libraries below torch take for all.
        torch.set_num_threads(threads)
