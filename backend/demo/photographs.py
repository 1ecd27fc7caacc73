"""Photographs inside scikit-image's wheel, with what its documentation says of their licences.

Only those are chosen whose licence skimage/data/_fetchers.py (0.26) states; textures, drawings, the stereo pair of
unclear terms and everything that would be downloaded are left out.
"""

from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path


@dataclass(frozen=True)
class Photograph:
    """`source` is the file in the wheel, `file_name` what people see."""

    source: str
    file_name: str
    licence_note: str

    @property
    def path(self) -> Path:
        """Where the wheel put it. Read by path: importing skimage.data would set up downloads."""
        return Path(str(distribution("scikit-image").locate_file(f"skimage/data/{self.source}")))


PHOTOGRAPHS = [
    Photograph("chelsea.png", "cat.png", "Chelsea the cat, Stéfan van der Walt. CC0."),
    Photograph(
        "coffee.png", "coffee.png", "Coffee cup, Rachel Michetti, courtesy of Pikolo Espresso Bar. CC0."
    ),
    Photograph("astronaut.png", "astronaut.png", "Astronaut Eileen Collins, NASA. Public domain."),
    Photograph("rocket.jpg", "rocket.jpg", "Launch of DSCOVR on Falcon 9, SpaceX. Public domain."),
    Photograph("camera.png", "photographer.png", "Photographer, Lav Varshney. CC0."),
    Photograph(
        "coins.png", "coins.png", "Coins from Pompeii, Brooklyn Museum. No known copyright restrictions."
    ),
    Photograph("ihc.png", "tissue.png", "Stained colonic glands, CMMI. No known copyright restrictions."),
    Photograph("hubble_deep_field.jpg", "deep-field.jpg", "Hubble eXtreme Deep Field, NASA. Public domain."),
]

LABELS = ["cat", "cup", "spoon", "person", "rocket", "coin", "gland", "galaxy"]
