"""Samples for training: a random view of an image with a few of its masks, and batches of them.

A sample is a function of (seed, index) alone, so a resumed run sees exactly the images it would have seen.
Shape letters: B images, S input side, N objects of the whole batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from models.sam.boxes import tight_box
from models.sam.training.augmentation import AugmentationConfig, View, ViewSize, jitter_colour, random_view
from models.sam.training.copy_paste import CopyPasteConfig, draw_cut_out, occlude, paste
from models.sam.training.data_sources import read_images
from models.sam.training.image_masks import ImageMasks
from models.sam.training.image_sampler import ImageSampler
from models.sam.training.rendering.views import render_view

RENDERED = "rendered"


@dataclass(frozen=True)
class DataConfig:
    """What is sampled. `sets` maps a folder or shard to its share of the samples (any positive scale).

    The name `rendered` stands for procedural scenes (a folder of that name is written ./rendered).
    """

    sets: dict[str, float]
    split: str = "train"
    masks_per_image: int = 4
    area_power: float = 0.25  # masks are drawn with weight area ** area_power
    min_visible: float = 0.4  # of a mask's box, in the crop; of a mask's area, under pasted objects
    min_pixels: int = 24  # of a mask, in the input
    max_share: float = 0.9  # masks over this share of the image are dropped (paper, appendix A)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    copy_paste: CopyPasteConfig = field(default_factory=CopyPasteConfig)


@dataclass
class Sample:
    """One view: image_HWC uint8 [S, S, 3] with content (h, w) top left, masks [n, S, S] uint8 0/1, boxes XYXY [n, 4].

    S is `size.side`; content and boxes in pixels of the view.
    """

    image_HWC: np.ndarray
    content: tuple[int, int]
    masks: np.ndarray
    boxes_xyxy: np.ndarray
    size: ViewSize


@dataclass
class Batch:
    """Images [B, 3, S, S] uint8 with their content sizes [B, 2] (h, w); masks [N, S, S] uint8, boxes [N, 4] float,
    image_index [N]. All views are of the same `size`."""

    images: Tensor
    content: Tensor
    masks: Tensor
    boxes_xyxy: Tensor
    image_index: Tensor
    size: ViewSize

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        tensors = (self.images, self.content, self.masks, self.boxes_xyxy, self.image_index)
        images, content, masks, boxes, index = (tensor.to(device, non_blocking=True) for tensor in tensors)
        return Batch(images, content, masks, boxes, index, self.size)


class PromptableDataset(Dataset[Sample]):
    """Endless random views; item (index, size) is reproducible. Everything is held in memory, decoded once.

    Raises DataError for a set that cannot be read and ValueError if no image has a usable mask.
    """

    def __init__(self, config: DataConfig, seed: int = 0) -> None:
        self.config = config
        self.seed = seed
        self.images: list[ImageMasks] = []
        sets: list[tuple[float, int]] = []
        self.counts: dict[str, tuple[int, int]] = {}
        photographs = {path: share for path, share in config.sets.items() if path != RENDERED}
        self.rendered_share = config.sets.get(RENDERED, 0.0) / sum(config.sets.values())
        for path, share in photographs.items():
            loaded = [ImageMasks(image, config.max_share) for image in read_images(Path(path), config.split)]
            usable = [image for image in loaded if image.runs]
            if usable:
                self.images += usable
                sets.append((share, len(usable)))
                self.counts[Path(path).stem] = (len(usable), sum(len(image.runs) for image in usable))
        if not self.images and (photographs or config.copy_paste.probability):
            raise ValueError(f"no masks in {', '.join(photographs) or 'any photograph to copy from'}")
        self._draw_number = ImageSampler(sets)

    def __getitem__(self, key: tuple[int, ViewSize]) -> Sample:
        index, size = key
        rng = np.random.default_rng((self.seed, index))
        while True:
            # No number is spent on the question when the answer is known: views stay what they were.
            if self.rendered_share and rng.random() < self.rendered_share:
                sample = self._rendered_view(size, rng)
            else:
                sample = self._view(self._draw_image(rng), size, rng)
            if sample is not None:
                return sample

    def _draw_image(self, rng: np.random.Generator) -> ImageMasks:
        return self.images[self._draw_number(rng)]

    def _view(self, image: ImageMasks, size: ViewSize, rng: np.random.Generator) -> Sample | None:
        """A view of the image, or None if no mask is large enough in it."""
        weight = image.areas**self.config.area_power
        anchor = rng.choice(len(weight), p=weight / weight.sum())
        config = self.config.augmentation
        view = random_view(image.height, image.width, size, image.boxes_xyxy[anchor], config, rng)
        candidates = np.flatnonzero(view.visible_share(image.boxes_xyxy) >= self.config.min_visible)
        # A race of exponential clocks is a weighted draw without replacement; the anchor goes first.
        order = np.argsort(rng.exponential(size=len(candidates)) / weight[candidates])
        queue = [int(anchor), *(int(i) for i in candidates[order] if i != anchor)]
        masks = self._draw_masks(image, view, queue, size.side)
        if not masks:
            return None
        return self._sample(jitter_colour(view.draw(image.pixels), config, rng), masks, size, rng)

    def _rendered_view(self, size: ViewSize, rng: np.random.Generator) -> Sample | None:
        config, side = self.config, size.side
        pixels, masks = render_view(
            side,
            config.masks_per_image,
            config.min_visible,
            config.min_pixels,
            config.max_share,
            config.area_power,
            rng,
        )
        return self._sample(pixels, [padded(mask, side) for mask in masks], size, rng) if masks else None

    def _sample(
        self, pixels: np.ndarray, masks: list[np.ndarray], size: ViewSize, rng: np.random.Generator
    ) -> Sample | None:
        """The view's content [h, w, 3] and masks [S, S] as a sample, perhaps with objects pasted on."""
        canvas = np.zeros((size.side, size.side, 3), np.uint8)
        content = pixels.shape[0], pixels.shape[1]
        canvas[: content[0], : content[1]] = pixels
        probability = self.config.copy_paste.probability
        if probability and rng.random() < probability:
            masks = self._paste_objects(canvas, content, masks, rng)
        if not masks:
            return None
        boxes = np.array([tight_box(mask) for mask in masks], np.float32)
        return Sample(canvas, content, np.stack(masks), boxes, size)

    def _paste_objects(
        self, canvas: np.ndarray, content: tuple[int, int], masks: list[np.ndarray], rng: np.random.Generator
    ) -> list[np.ndarray]:
        """Objects of other images on the canvas; the masks above and below them, at most `masks_per_image`."""
        data, config = self.config, self.config.copy_paste
        for _ in range(int(rng.integers(config.objects[0], config.objects[1] + 1))):
            source = self._draw_image(rng)
            weight = source.areas**data.area_power
            cut_out = source.cut_out(int(rng.choice(len(weight), p=weight / weight.sum())))
            drawn = draw_cut_out(cut_out, len(canvas), config, data.augmentation, rng)
            cover = paste(canvas, content, drawn, config.feather, rng)
            masks = occlude(masks, cover, data.min_visible, data.min_pixels)
            if cover.sum() >= data.min_pixels:
                masks.append(cover.astype(np.uint8))
        return [masks[i] for i in rng.permutation(len(masks))[: data.masks_per_image]]

    def _draw_masks(self, image: ImageMasks, view: View, queue: Sequence[int], side: int) -> list[np.ndarray]:
        drawn: list[np.ndarray] = []
        # Views with many tiny masks would cost more than the training step: give up after a few that do not count.
        for index in queue[: 2 * self.config.masks_per_image]:
            if len(drawn) == self.config.masks_per_image:
                break
            full = image.mask(index).astype(np.uint8) * 255
            visible = view.draw(full) >= 128
            if visible.sum() >= self.config.min_pixels:
                drawn.append(padded(visible, side))
        return drawn


def padded(mask: np.ndarray, side: int) -> np.ndarray:
    """The mask [h, w] in the top left corner of [side, side], uint8."""
    square = np.zeros((side, side), np.uint8)
    square[: mask.shape[0], : mask.shape[1]] = mask
    return square


def collate(samples: list[Sample]) -> Batch:
    """One batch of samples of the same size."""
    index = [i for i, sample in enumerate(samples) for _ in range(len(sample.masks))]
    return Batch(
        images=torch.from_numpy(np.stack([sample.image_HWC for sample in samples])).permute(0, 3, 1, 2),
        content=torch.tensor([sample.content for sample in samples]),
        masks=torch.from_numpy(np.concatenate([sample.masks for sample in samples])),
        boxes_xyxy=torch.from_numpy(np.concatenate([sample.boxes_xyxy for sample in samples])),
        image_index=torch.tensor(index),
        size=samples[0].size,
    )
