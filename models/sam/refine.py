"""The frame of a crop: which window of the photograph to look at again, prompts into it, masks back out.

A small object fills few cells of an image's embedding. Encoding only its surroundings, cut from the original pixels,
gives it the whole grid, as the paper's automatic masks do with their crops (SAM paper, appendix B). Pure geometry in
pixels of the photograph, XYXY windows with an exclusive end; the model is in `predictor`.
"""

import numpy as np

Window = tuple[int, int, int, int]


def crop_window(box_xyxy: np.ndarray, size: tuple[int, int], scale: float = 2.0) -> Window:
    """The square window around a box, its side `scale` times the box's longer one, in a photograph of `size` (H, W).

    Square, since the model pads a narrow crop to a square anyway: the context is free. At the border it moves
    inside instead of shrinking, and is cut only where the photograph is smaller than it. Rounded outwards, at
    least one pixel. ValueError for a box without area, outside the photograph, or a scale below 1.
    """
    height, width = size
    left, top, right, bottom = (float(value) for value in box_xyxy)
    if not (left < right and top < bottom):
        raise ValueError(f"a crop needs a box with area, not {[left, top, right, bottom]}")
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        raise ValueError(
            f"the box {[left, top, right, bottom]} lies outside the {width} x {height} photograph"
        )
    if not scale >= 1:
        raise ValueError(f"the crop cannot be smaller than the box: scale {scale}")
    side = scale * max(right - left, bottom - top)
    x0, x1 = _span((left + right) / 2, side, width)
    y0, y1 = _span((top + bottom) / 2, side, height)
    return x0, y0, x1, y1


def _span(centre: float, side: float, limit: int) -> tuple[int, int]:
    """Integer (start, end) of a span of `side` around `centre`, moved into 0..limit."""
    start = int(np.floor(centre - side / 2))
    length = min(int(np.ceil(centre + side / 2)) - start, limit)
    start = min(max(start, 0), limit - length)
    return start, start + length


def points_into(window: Window, coords: np.ndarray) -> np.ndarray:
    """Points [..., 2] XY of the photograph -> float64 in the window; ValueError if one lies outside of it.

    A shift by whole pixels: pixel centres stay pixel centres, and nothing is rounded.
    """
    x0, y0, x1, y1 = window
    points = np.asarray(coords, np.float64)
    if ((points < (x0, y0)) | (points >= (x1, y1))).any():
        raise ValueError(f"a point lies outside the crop {list(window)}: enlarge the scale")
    return points - (x0, y0)


def box_into(window: Window, box_xyxy: np.ndarray) -> np.ndarray:
    """Box [4] XYXY of the photograph -> float64 in the window, cut at its edges."""
    x0, y0, x1, y1 = window
    box = np.asarray(box_xyxy, np.float64)
    return np.clip(box, (x0, y0, x0, y0), (x1, y1, x1, y1)) - (x0, y0, x0, y0)


def cut(photograph: np.ndarray, window: Window) -> np.ndarray:
    """The pixels [h, w, ...] of a photograph [H, W, ...] in the window, not copied."""
    x0, y0, x1, y1 = window
    return photograph[y0:y1, x0:x1]


def paste(masks: np.ndarray, window: Window, size: tuple[int, int]) -> np.ndarray:
    """Masks of the window [M, h, w] -> [M, H, W] of the photograph; outside False, or -inf for logits."""
    outside = False if masks.dtype == bool else -np.inf
    pasted = np.full((*masks.shape[:-2], *size), outside, masks.dtype)
    x0, y0, x1, y1 = window
    pasted[..., y0:y1, x0:x1] = masks
    return pasted


def box_mask(box_xyxy: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bool [H, W] of `size`: the pixels whose centre lies in a box XYXY."""
    left, top, right, bottom = np.asarray(box_xyxy, np.float64)
    xs, ys = np.arange(size[1]) + 0.5, np.arange(size[0]) + 0.5
    return ((ys > top) & (ys < bottom))[:, None] & ((xs > left) & (xs < right))


def clip_to_box(masks: np.ndarray, box_xyxy: np.ndarray) -> np.ndarray:
    """Bool masks [..., H, W] without their pixels outside a box XYXY.

    A box prompt promises that the object ends there, and small models leak over it.
    """
    return masks & box_mask(box_xyxy, (masks.shape[-2], masks.shape[-1]))
