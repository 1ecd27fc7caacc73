"""A COCO export of Anymask as a PyTorch data set. The zip is read as it is; nothing is unpacked.

anymask export PROJECT --pictures --out masks.zip
"""

import json
import os
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import torch
from torch.utils.data import Dataset

from anymask import mask_decode

Sample = tuple[torch.Tensor, dict[str, torch.Tensor]]


class CocoMasks(Dataset[Sample]):
    """One split of an export with pictures. Sample i is an image, float32 [3, H, W] from 0 to 1, and its objects:
    `masks` bool [N, H, W], `labels` int64 [N] (1 for the first of `categories`, 0 is left for the background) and
    `boxes` float32 [N, 4], XYXY in pixels; N may be 0.
    """

    def __init__(self, path: Path | str, split: str = "train") -> None:
        self.path = Path(path)
        with zipfile.ZipFile(self.path) as archive:
            document = json.loads(archive.read(f"annotations/instances_{split}.json"))
        self.images: list[dict[str, Any]] = document["images"]
        self.categories: list[str] = [category["name"] for category in document["categories"]]
        self._label_of = {entry["id"]: place for place, entry in enumerate(document["categories"], start=1)}
        self._objects: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for annotation in document["annotations"]:
            self._objects[annotation["image_id"]].append(annotation)
        self._archives: dict[int, zipfile.ZipFile] = {}

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Sample:
        image = self.images[index]
        with self._archive().open(f"images/{image['file_name']}") as file:
            pixels = np.array(PIL.Image.open(file).convert("RGB"))
        objects = self._objects.get(image["id"], [])
        masks = np.zeros((len(objects), *pixels.shape[:2]), bool)
        for mask, entry in zip(masks, objects, strict=True):
            mask[:] = mask_decode(entry["segmentation"])
        boxes = torch.tensor([entry["bbox"] for entry in objects], dtype=torch.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        return torch.from_numpy(pixels).permute(2, 0, 1) / 255, {
            "masks": torch.from_numpy(masks),
            "labels": torch.tensor([self._label_of[entry["category_id"]] for entry in objects]).long(),
            "boxes": boxes,
        }

    def _archive(self) -> zipfile.ZipFile:
        # One for each process: forked workers of a DataLoader would share one file's position.
        if os.getpid() not in self._archives:
            self._archives[os.getpid()] = zipfile.ZipFile(self.path)
        return self._archives[os.getpid()]

    def __getstate__(self) -> dict[str, Any]:
        """For workers that are spawned: an open archive cannot be sent to them."""
        return {**self.__dict__, "_archives": {}}
