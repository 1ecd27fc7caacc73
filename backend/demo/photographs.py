"""Which photographs the demo shows, with the licence scikit-image states for each (skimage.data, version 0.26)."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Photograph:
    """A file of the wheel, the name people see, and its licence."""

    source: str
    file_name: str
    licence_note: str

    def path(self) -> Path:
        """Where the wheel put it. skimage itself is not imported: its loader may try to download."""
        spec = find_spec("skimage")
        if spec is None or spec.origin is None:
            raise FileNotFoundError("scikit-image is not installed")
        return Path(spec.origin).parent / "data" / self.source


PHOTOGRAPHS = [
    Photograph("chelsea.png", "cat.png", "Chelsea the cat, CC0, photograph by Stefan van der Walt"),
    Photograph(
        "coffee.png", "coffee.png", "Coffee cup, CC0, photograph by Rachel Michetti, courtesy of Pikolo"
    ),
    Photograph("astronaut.png", "astronaut.png", "Eileen Collins, NASA Great Images, public domain"),
    Photograph("rocket.jpg", "rocket.jpg", "Launch of DSCOVR on Falcon 9, SpaceX Photos, public domain"),
    Photograph("camera.png", "photographer.png", "Photographer, CC0, photograph by Lav Varshney"),
    Photograph(
        "coins.png", "coins.png", "Coins from Pompeii, Brooklyn Museum, no known copyright restrictions"
    ),
    Photograph("ihc.png", "tissue.png", "Stained colonic glands, CMMI, no known copyright restrictions"),
    Photograph("hubble_deep_field.jpg", "deep-field.jpg", "Hubble eXtreme Deep Field, NASA, public domain"),
]

LABELS = ["cat", "cup", "person", "rocket", "coin", "gland", "galaxy"]
