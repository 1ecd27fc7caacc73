"""Masks that look alike: a vector of each mask, and its nearest neighbours (Segment Anything, appendix D.6).

Not for: making the vectors, which the workers do.
"""
