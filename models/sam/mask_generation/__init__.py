"""Masks of everything in a photograph: a grid of points, filters, non-maximum suppression (SAM paper, appendix B)."""
