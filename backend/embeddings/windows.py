"""Windows of a picture that are looked at again on their own: a small object then gets the whole embedding grid.

A window is [x0, y0, x1, y1] in pixels of the upright picture, the end exclusive; as text, the four joined by dashes. The
browser chooses it (frontend/src/geometry/crops.ts); the same window is computed once for everybody.
"""

from dataclasses import astuple, dataclass

from backend.common.errors import InvalidInput

SMALLEST_SIDE = 16


@dataclass(frozen=True)
class Window:
    """A rectangle of whole pixels."""

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def parse(cls, text: str) -> "Window":
        """From the text form, which is known to have four numbers."""
        return cls(*(int(part) for part in text.split("-")))

    def __str__(self) -> str:
        return "-".join(str(part) for part in astuple(self))

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    def check(self, *, width: int, height: int) -> None:
        """Raises InvalidInput `window.outside`, `window.too_small` or `window.whole_image` for a picture of this size."""
        if not (0 <= self.x0 < self.x1 <= width and 0 <= self.y0 < self.y1 <= height):
            raise InvalidInput(
                f"The window {self} is not a part of a {width} x {height} picture.", "window.outside"
            )
        if min(self.width, self.height) < min(SMALLEST_SIDE, width, height):
            raise InvalidInput(f"A window is at least {SMALLEST_SIDE} pixels each way.", "window.too_small")
        if (self.width, self.height) == (width, height):
            raise InvalidInput(
                "The window is the whole image, which has its embedding already.", "window.whole_image"
            )
