"""What text prompts learn from: embeddings of views with named masks. They are made once and kept on disk, one file a
view, since the encoder is frozen and costs more than all that learns.

Shape letters: C channels and E side of the embedding, L = 4E low-res side, n masks of a view.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from models.sam.modeling.sam import Sam
from models.sam.text.crops import object_crop
from models.sam.text.encoders import ImageSide
from models.sam.text.names import is_telling, tidy_name
from models.sam.training.augmentation import (
    AugmentationConfig,
    View,
    ViewSize,
    jitter_colour,
    random_view,
    whole_view,
)
from models.sam.training.data_sources import AnnotatedImage
from models.sam.training.dataset import padded
from models.sam.training.export import write_weights
from models.sam.training.image_masks import ImageMasks
from models.sam.training.interaction import low_res_targets

AUGMENTATION = AugmentationConfig(zoom=(0.75, 1.6))
LARGEST_SHARE = 0.95  # of the image: larger masks are no things
LEAST_VISIBLE = 0.4  # of a mask's box
LEAST_PIXELS = 24  # of a mask, in the input
MOST_MASKS = 48  # of a view, the largest ones


@dataclass(frozen=True)
class NamedView:
    """An embedding float16 [C, E, E], masks bool [n, L, L], the tidy name of each, and what an image side saw of
    each, float16 [n, D], where there is one."""

    embedding: Tensor
    masks: Tensor
    names: tuple[str, ...]
    shown: Tensor | None = None


class ViewStore:
    """Views of some images in a folder of files, `per_image` of each: the image as it is, then views by chance.

    A folder is of one model, one image side, one seed and these images: its name is a digest of them. Making them can be
    broken off at any time and goes on where it was.
    """

    def __init__(
        self,
        root: Path,
        model: Sam,
        images: Sequence[AnnotatedImage],
        per_image: int,
        seed: int,
        image_side: ImageSide | None = None,
    ) -> None:
        """`images` without telling names are left out. ValueError where none is left."""
        self.images = [
            image for image in images if any(is_telling(tidy_name(name)) for name in image.categories)
        ]
        if not self.images:
            raise ValueError("no image has a mask with a name to learn")
        self.per_image, self.seed, self.side = per_image, seed, model.image_size
        self.image_side = image_side
        self.folder = root / self._digest(model)

    def __len__(self) -> int:
        return len(self.images) * self.per_image

    def _digest(self, model: Sam) -> str:
        seen_by = self.image_side.name if self.image_side else ""
        digest = hashlib.sha256(f"{self.seed} {self.side} {seen_by}".encode())
        for name, value in sorted(model.image_encoder.state_dict().items()):
            digest.update(name.encode())
            digest.update(value.detach().cpu().contiguous().numpy().tobytes())
        for image in self.images:
            digest.update(f"{image.dataset}/{image.file_name} {len(image.segmentations)} ".encode())
        return digest.hexdigest()[:16]

    def path(self, number: int) -> Path:
        """Of view `number`; all images' whole views come first, so that few views are of many images."""
        return self.folder / f"{number:06d}.safetensors"

    def missing(self) -> Iterator[int]:
        """Numbers of the views that are not there yet."""
        return (number for number in range(len(self)) if not self.path(number).is_file())

    def make(self, model: Sam, progress: Callable[[int, int], bool] = lambda done, total: False) -> None:
        """Makes the missing ones. `progress(done, all)` is told after each and ends it by True."""
        todo = list(self.missing())
        for done, number in enumerate(todo, start=1):
            self._make(model, number)
            if progress(len(self) - len(todo) + done, len(self)):
                break

    def ready(self) -> list[int]:
        """Numbers of the views that are there and hold a mask."""
        return [number for number in range(len(self)) if self.path(number).is_file() and self.names(number)]

    def names(self, number: int) -> tuple[str, ...]:
        """Names of a view's masks, without reading these. ValueError for a damaged file."""
        with self._opened(number) as file:
            return _names_in(file)

    def load(self, number: int) -> NamedView:
        """A view that is there. ValueError for a damaged file."""
        with self._opened(number) as file:
            names = _names_in(file)
            embedding, packed = file.get_tensor("embedding"), file.get_tensor("masks").numpy()
            shown = file.get_tensor("shown") if self.image_side else None
        low = 4 * embedding.shape[-1]
        bits = np.unpackbits(packed, axis=1)[:, : low * low].astype(bool).reshape(-1, low, low)
        return NamedView(embedding, torch.from_numpy(bits), names, shown)

    def _opened(self, number: int) -> safe_open:
        try:
            return safe_open(self.path(number), framework="pt")
        except (SafetensorError, OSError) as error:
            raise ValueError(f"{self.path(number)} cannot be read ({error}): remove it") from error

    @torch.no_grad()
    def _make(self, model: Sam, number: int) -> None:
        turn, index = divmod(number, len(self.images))
        record = self.images[index]
        rng = np.random.default_rng((self.seed, number))
        image = ImageMasks(record, LARGEST_SHARE)
        names = [tidy_name(record.categories[mask]) for mask in image.kept]
        told = [i for i, name in enumerate(names) if is_telling(name)]
        if turn == 0 or not told:
            view = whole_view(image.height, image.width, self.side)
        else:
            anchor = image.boxes_xyxy[told[rng.integers(len(told))]]
            view = random_view(image.height, image.width, ViewSize(self.side), anchor, AUGMENTATION, rng)
        pixels = view.draw(image.pixels)
        if turn:
            pixels = jitter_colour(pixels, AUGMENTATION, rng)
        tensor = torch.from_numpy(pixels.copy()).permute(2, 0, 1).float().to(model.device)
        embedding = model.image_encoder(model.preprocess(tensor)[None])[0]
        masks, chosen = self._masks(image, view, told, 4 * embedding.shape[-1])
        tensors = {"embedding": embedding.half().cpu().contiguous(), "masks": masks}
        if self.image_side:
            crops = [object_crop(image.pixels, image.mask(i), rng) for i in chosen]
            pictures, insides = [crop.picture for crop in crops], [crop.mask for crop in crops]
            tensors["shown"] = torch.from_numpy(self.image_side.embed_objects(pictures, insides)).half()
        write_weights(tensors, self.path(number), {"names": json.dumps([names[i] for i in chosen])})

    def _masks(self, image: ImageMasks, view: View, told: list[int], low: int) -> tuple[Tensor, list[int]]:
        """Packed low-res masks uint8 [n, L * L / 8] of the named masks that are seen enough of, and their numbers."""
        seen = [i for i in told if view.visible_share(image.boxes_xyxy[i : i + 1])[0] >= LEAST_VISIBLE]
        packed, chosen = [], []
        for i in sorted(seen, key=lambda i: -image.areas[i])[:MOST_MASKS]:
            visible = view.draw(image.mask(i).astype(np.uint8) * 255) >= 128
            if visible.sum() >= LEAST_PIXELS:
                square = torch.from_numpy(padded(visible, self.side))
                target = low_res_targets(square[None], low)[0].numpy() > 0
                packed.append(np.packbits(target.reshape(-1)))
                chosen.append(i)
        empty = np.zeros((0, -(-low * low // 8)), np.uint8)
        return torch.from_numpy(np.stack(packed) if packed else empty), chosen


def _names_in(file: Any) -> tuple[str, ...]:
    return tuple(json.loads((file.metadata() or {})["names"]))
