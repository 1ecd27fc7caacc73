"""Run lengths of a mask that is known in a window only."""

import numpy as np


def pasted_runs(mask: np.ndarray, corner_xy: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Runs int64 [n], as `rle.mask_to_runs`, of a photograph of `size` (H, W) that is a bool mask [h, w] with its upper
    left pixel at `corner_xy`, and empty outside. The photograph is never drawn."""
    height, width = size
    left, top = corner_xy
    # A zero below each column, so that no run goes on from one column into the next.
    columns = np.zeros((mask.shape[1], mask.shape[0] + 2), dtype=bool)
    columns[:, 1:-1] = mask.T
    column, row = np.nonzero(columns[:, 1:] != columns[:, :-1])
    edges = (left + column) * height + top + row
    # Where the window is as high as the photograph a run may go on all the same: end and start coincide.
    same = np.flatnonzero(edges[1:] == edges[:-1])
    edges = np.delete(edges, np.concatenate([same, same + 1]))
    runs = np.diff(np.concatenate([[0], edges, [height * width]]))
    return runs[:-1] if edges.size and runs[-1] == 0 else runs
