"""Image embeddings: which model made them, their state, their files; claimed by workers, served to browsers.

No tensor library here: an embedding is bytes whose shape the model's manifest tells.
"""
