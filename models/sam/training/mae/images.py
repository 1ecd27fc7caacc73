"""Images for pre-training, with or without masks: random resized crops, mirrored half of the time (MAE, appendix A.1)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from models.sam.training.augmentation import ViewSize
from models.sam.training.data_sources import read_images
from models.sam.training.dataset import RENDERED, DataConfig
from models.sam.training.image_sampler import ImageSampler
from models.sam.training.rendering.scene import render_scene

AREA = (0.2, 1.0)  # share of the image
ASPECT = (3 / 4, 4 / 3)


@dataclass
class ImageBatch:
    """Images [B, 3, S, S], uint8 RGB."""

    images: Tensor

    def to(self, device: torch.device) -> "ImageBatch":
        """The same batch on another device."""
        return ImageBatch(self.images.to(device, non_blocking=True))


class ImageDataset(Dataset[np.ndarray]):
    """Endless random crops uint8 [S, S, 3]; item (index, size) is a function of the seed and the index."""

    def __init__(self, config: DataConfig, seed: int = 0) -> None:
        self.seed = seed
        self.images: list[np.ndarray] = []
        sets: list[tuple[float, int]] = []
        self.rendered_share = config.sets.get(RENDERED, 0.0) / sum(config.sets.values())
        for path, share in config.sets.items():
            if path != RENDERED:
                loaded = [image.pixels() for image in read_images(Path(path), config.split)]
                self.images += loaded
                sets.append((share, len(loaded)))
        self._draw_number = ImageSampler(sets)

    def __getitem__(self, key: tuple[int, ViewSize]) -> np.ndarray:
        index, side = key[0], key[1].side
        rng = np.random.default_rng((self.seed, index))
        if self.rendered_share and rng.random() < self.rendered_share:
            return render_scene(side, side, rng).pixels
        return resized_crop(self.images[self._draw_number(rng)], side, rng)


def resized_crop(pixels: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """A random part of an image [H, W, 3] at [side, side], bicubic, mirrored or not."""
    height, width = pixels.shape[:2]
    area = rng.uniform(*AREA) * height * width
    aspect = np.exp(rng.uniform(*np.log(ASPECT)))
    crop_w, crop_h = min(np.sqrt(area * aspect), width), min(np.sqrt(area / aspect), height)
    x0, y0 = rng.uniform(0, width - crop_w), rng.uniform(0, height - crop_h)
    box = (x0, y0, min(x0 + crop_w, width), min(y0 + crop_h, height))
    crop = np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC, box=box))
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def collate_images(crops: list[np.ndarray]) -> ImageBatch:
    """One batch of crops of the same side."""
    return ImageBatch(torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2))
