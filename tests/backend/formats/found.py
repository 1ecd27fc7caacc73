"""What other people's readers see of our files."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tests.backend.formats.cases import Pixels


@dataclass
class Found:
    """What a reader sees: by a picture's stem its size (width, height) and its objects, each (label, pixels); and the
    names of all labels, those without an object too. A label is None where the format has none."""

    objects: dict[str, list[tuple[str | None, Pixels]]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)

    def picture(self, name: str, width: int, height: int) -> str:
        stem = Path(name).stem
        self.sizes[stem] = (width, height)
        return stem
