"""Models of this process: loaded on first use, kept while they are used, one computation at a time."""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from models.sam.predictor import SamPredictor


class Models:
    """The last few models used, by artifact folder. Safe to call from several threads."""

    def __init__(self, capacity: int, device: str) -> None:
        self._capacity = max(1, capacity)
        self._device = device
        self._loaded: OrderedDict[Path, SamPredictor] = OrderedDict()
        self.lock = threading.Lock()

    def predictor(self, folder: Path) -> "SamPredictor":
        """The model in `folder`. Call with `lock` held. Raises ModelError when the artifact is missing or broken."""
        from models.sam.artifact import load_artifact
        from models.sam.predictor import SamPredictor

        if folder in self._loaded:
            self._loaded.move_to_end(folder)
            return self._loaded[folder]
        while len(self._loaded) >= self._capacity:
            self._loaded.popitem(last=False)
        self._loaded[folder] = SamPredictor(load_artifact(folder, self._device))
        return self._loaded[folder]


MODELS = Models(settings.MODEL_CACHE_SIZE, settings.DEVICE)


def artifact_folder(name: str, version: str) -> Path:
    """Where the artifact of a registered model lies on this machine."""
    return Path(settings.MODELS_DIR) / name / version
