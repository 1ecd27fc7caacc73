"""The click network in use: masks of one photograph from clicks, with ZoomIn and the mean with the mirrored view.

The first click is answered on the whole photograph at the scale the network learned at (its views are windows of inputs
of `whole` pixels), later ones on a window no closer than its views came.
Shape letters: N masks asked about together, k clicks of each, H W the photograph's sides.
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from models.sam.click_baseline.click_maps import click_maps
from models.sam.click_baseline.network import STRIDE, ClickNetwork, full_size
from models.sam.click_baseline.zoom import Window, next_window, view_of, zoom_window
from models.sam.modeling.labels import FOREGROUND
from models.sam.training.augmentation import DEFAULT_ZOOM, View
from models.sam.training.interaction import normalised

SKIP_CLICKS = 1  # that are answered on the whole photograph
PROBABILITY = 0.5


class ClickBaseline:
    """A network ready to be asked. It is put in eval mode."""

    def __init__(self, network: ClickNetwork, side: int, whole: int) -> None:
        """`side`, `whole`: of the input in pixels, a window's longer side and the whole photograph's. ValueError for
        sides that the network cannot take."""
        if side % STRIDE or whole % STRIDE:
            raise ValueError(f"the sides are multiples of {STRIDE}, got {side} and {whole}")
        self.network = network.eval()
        self.side, self.whole = side, whole

    @torch.no_grad()
    def probabilities(
        self,
        photograph: np.ndarray,
        views: Sequence[View],
        coords: np.ndarray,
        labels: np.ndarray,
        previous: np.ndarray,
    ) -> np.ndarray:
        """Probabilities float32 [N, H, W], zero outside each mask's view; views of one longer side.

        photograph: RGB uint8 [H, W, 3]. coords [N, k, 2] (pixels of the photograph), labels [N, k], previous float32
        [N, H, W], zero where there is no answer before.
        """
        # On the whole photograph all masks share one image.
        distinct = list(dict.fromkeys(views))
        index = np.array([distinct.index(view) for view in views])
        drawn = [view.draw(photograph) for view in distinct]
        before = [view.draw(one) for view, one in zip(views, previous, strict=True)]
        points = np.stack([points_in(view, of_mask) for view, of_mask in zip(views, coords, strict=True)])
        straight = self._run(drawn, index, before, points, labels)
        last_column = np.array([[view.width - 1] for view in views])
        mirrored = self._run(
            [pixels[:, ::-1] for pixels in drawn],
            index,
            [one[:, ::-1] for one in before],
            np.stack([last_column - points[..., 0], points[..., 1]], axis=-1),
            labels,
        )
        found = np.zeros(previous.shape, np.float32)
        for answer, one, other, view in zip(found, straight, mirrored, views, strict=True):
            content = slice(view.height), slice(view.width)
            x0, y0, x1, y1 = (int(value) for value in view.box)
            mean = (one[content] + other[content][:, ::-1]) / 2
            size = x1 - x0, y1 - y0
            answer[y0:y1, x0:x1] = np.asarray(Image.fromarray(mean).resize(size, Image.Resampling.BILINEAR))
        return found

    def _run(
        self,
        drawn: list[np.ndarray],
        index: np.ndarray,
        before: list[np.ndarray],
        points: np.ndarray,
        labels: np.ndarray,
    ) -> np.ndarray:
        """Probabilities [N, h, w] of the network's input, into whose top left corner each view is laid.

        `index` [N]: which of the `drawn` images a mask is of.
        """
        height, width = (-(-max(one.shape[axis] for one in drawn) // STRIDE) * STRIDE for axis in (0, 1))
        network, device = self.network, self.network.pixel_mean.device
        images = torch.zeros((len(drawn), 3, height, width))
        previous = torch.zeros((len(before), 1, height, width))
        for canvas, pixels in zip(images, drawn, strict=True):
            canvas[:, : pixels.shape[0], : pixels.shape[1]] = torch.from_numpy(pixels.copy()).permute(2, 0, 1)
        for canvas, mask in zip(previous, before, strict=True):
            canvas[0, : mask.shape[0], : mask.shape[1]] = torch.from_numpy(mask.copy())
        content = torch.tensor([pixels.shape[:2] for pixels in drawn], device=device)
        coords = torch.from_numpy(points).float().to(device)
        maps = click_maps(coords, torch.from_numpy(labels).to(device), (height, width))
        inputs = normalised(images.to(device), content, network.pixel_mean, network.pixel_std)
        logits: Tensor = network(inputs, maps, previous.to(device), torch.from_numpy(index).to(device))
        return full_size(logits)[:, 0].sigmoid().cpu().numpy()


class BaselineAnswers:
    """Answers of the baseline to the clicks on `count` masks of a photograph (see `clicking.ClickAnswers`)."""

    def __init__(self, baseline: ClickBaseline, photograph: np.ndarray, count: int) -> None:
        self.baseline = baseline
        self.photograph = photograph
        height, width = photograph.shape[:2]
        self.probability = np.zeros((count, height, width), np.float32)
        self.windows: list[Window | None] = [None] * count
        # Objects come no larger than in the closest views that were trained on.
        self.least = max(height, width) * baseline.side / baseline.whole / DEFAULT_ZOOM[1]
        self.entire = view_of((0, 0, width, height), baseline.whole)

    def __call__(self, rows: np.ndarray, coords: np.ndarray, labels: np.ndarray) -> Tensor:
        views = [self._view(row, *clicks) for row, *clicks in zip(rows, coords, labels, strict=True)]
        for is_whole in (True, False):
            chosen = [i for i, view in enumerate(views) if (view is self.entire) == is_whole]
            if chosen:
                self.probability[rows[chosen]] = self.baseline.probabilities(
                    self.photograph,
                    [views[i] for i in chosen],
                    coords[chosen],
                    labels[chosen],
                    self.probability[rows[chosen]],
                )
        return torch.from_numpy(self.probability[rows] > PROBABILITY)

    def _view(self, row: int, coords: np.ndarray, labels: np.ndarray) -> View:
        mask = self.probability[row] > PROBABILITY
        if len(labels) <= SKIP_CLICKS or not mask.any():
            return self.entire
        positive = coords[labels == FOREGROUND]
        window = next_window(self.windows[row], zoom_window(mask, positive, self.least), positive)
        self.windows[row] = window
        return view_of(window, self.baseline.side)


def points_in(view: View, coords: np.ndarray) -> np.ndarray:
    """Points [k, 2] of the photograph in pixels of a view; pixel (0, 0) has its middle at 0.5 in both frames."""
    x0, y0, x1, y1 = view.box
    scale = view.width / (x1 - x0), view.height / (y1 - y0)
    moved: np.ndarray = (coords + 0.5 - (x0, y0)) * scale - 0.5
    return moved
