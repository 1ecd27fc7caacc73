"""Makes a finished decoder narrower where it has no use for its width, and a click cheaper by that.

Two places. What prompts draw on the grid is a few features times a matrix, and the features go together so much that a
third of their number says nearly all of it. And most channels of the upscaling are off wherever one looks (ReLU), or
hardly matter for the masks. Both are seen in the decoder's answers to prompts on photographs; the rest of the model stays
as it is, embeddings included.
"""
