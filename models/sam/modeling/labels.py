"""Labels of prompt points, as SAM published them: clicks, the corners of a box, and "no point"."""

BACKGROUND, FOREGROUND, BOX_TOP_LEFT, BOX_BOTTOM_RIGHT = 0, 1, 2, 3
NOT_A_POINT = -1
