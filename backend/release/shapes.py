"""What the card says of a mask's shape, from its runs alone: no picture is unpacked."""

import numpy as np

from backend.formats.records import ObjectMask
from backend.formats.rle import runs_decode


def hull_area(mask: ObjectMask) -> float:
    """Area in pixels of the convex hull of the mask's pixels, each a square of side 1."""
    # Scipy takes a while to load, and only releases need this of it.
    from scipy.spatial import ConvexHull

    columns, tops, bottoms = _extents(mask)
    corners = [(columns, tops), (columns + 1, tops), (columns, bottoms), (columns + 1, bottoms)]
    points = np.concatenate([np.stack(pair, axis=1) for pair in corners])
    # Of a plane's points Qhull calls the area volume.
    return float(ConvexHull(points.astype(np.float64)).volume)


def concavity(mask: ObjectMask) -> float:
    """1 - area of the mask / area of its convex hull (Segment Anything, section 5): 0 for a convex one."""
    return max(0.0, 1.0 - mask.area / hull_area(mask))


def _extents(mask: ObjectMask) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of some of its columns, those of all corners of the hull among them: the column, the first row of the mask in a
    run of it, and the row after the last one."""
    runs = runs_decode(mask.counts)
    ends = np.cumsum(runs)
    filled = runs[1::2] > 0
    first, last = ends[0::2][: len(runs) // 2][filled], ends[1::2][filled] - 1
    left, right = first // mask.height, last // mask.height
    top, bottom = first % mask.height, last % mask.height + 1
    # A run that goes on in the next column reaches the bottom of one and the top of the other.
    is_crossing = right > left
    columns = [left, right]
    tops = [top, np.where(is_crossing, 0, top)]
    bottoms = [np.where(is_crossing, mask.height, bottom), bottom]
    # Whole columns lie between: the outermost of them are enough.
    is_wide = right - left > 1
    for whole in (left[is_wide] + 1, right[is_wide] - 1):
        columns.append(whole)
        tops.append(np.zeros_like(whole))
        bottoms.append(np.full_like(whole, mask.height))
    return np.concatenate(columns), np.concatenate(tops), np.concatenate(bottoms)
