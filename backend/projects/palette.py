"""Colours of new labels: bright, distinct on photographs, told apart by colour-blind eyes.

The first seven are Okabe and Ito's set (Color Universal Design, 2008) without black; then colours of Paul Tol's "muted"
scheme (Colour Schemes, SRON/EPS/TN/09-002, 2021), each time the one furthest from those before it for the kind of
colour vision that sees it nearest. `tests/backend/projects/test_palette.py` measures it. `frontend/src/canvas/palette.ts`
is the same list.
"""

from typing import Final

PALETTE: Final = (
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#f0e442",
    "#0072b2",
    "#d55e00",
    "#cc79a7",
    "#332288",
    "#882255",
    "#117733",
    "#999933",
    "#88ccee",
)
