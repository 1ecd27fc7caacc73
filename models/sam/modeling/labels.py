"""Labels of prompt points, as SAM published them: clicks, the corners of a box, and "no point"; and ours of no prompt."""

BACKGROUND, FOREGROUND, BOX_TOP_LEFT, BOX_BOTTOM_RIGHT = 0, 1, 2, 3
NOT_A_POINT = -1
ABSENT = -2  # an empty slot of a graph with fixed shapes: unlike NOT_A_POINT it is no token at all
