"""Procedural pictures with exact masks, for pre-training: textures, shapes, scenes. numpy and Pillow only.

Not for photographs: see `data_sources` and `dataset`. Everything is a function of the generator handed in.
"""
