"""Photographs inside scikit-image's wheel, with what its documentation says of their licences.

Only photographs of things are chosen whose licence skimage/data/_fetchers.py states; textures, drawings, the
stereo pair of unclear terms and everything that would be downloaded are left out.
"""

from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path


@dataclass(frozen=True)
class Photograph:
    file: str
    licence: str


PHOTOGRAPHS = [
    Photograph("chelsea.png", "Chelsea the cat, Stéfan van der Walt. CC0."),
    Photograph("coffee.png", "Coffee cup, Rachel Michetti, courtesy of Pikolo Espresso Bar. CC0."),
    Photograph("astronaut.png", "Astronaut Eileen Collins, NASA. Public domain."),
    Photograph("rocket.jpg", "Launch of DSCOVR on Falcon 9, SpaceX. Public domain."),
    Photograph("camera.png", "Photographer, Lav Varshney. CC0."),
    Photograph("coins.png", "Greek coins from Pompeii, Brooklyn Museum. No known copyright restrictions."),
    Photograph("clock_motion.png", "Wall clock, Stéfan van der Walt. Public domain."),
    Photograph("retina.jpg", "Human retina, Mikael Häggström, Wikimedia Commons. CC0."),
]

LABELS = ["cat", "cup", "spoon", "person", "rocket", "camera", "coin", "clock", "retina"]


def photograph_path(photograph: Photograph) -> Path:
    """Where the installed wheel keeps the file. Read by path: importing skimage.data would set up
    downloads.
    """
    return Path(str(distribution("scikit-image").locate_file(f"skimage/data/{photograph.file}")))
