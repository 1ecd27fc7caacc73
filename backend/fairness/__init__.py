"""What the model finds by itself in a project's images, and what people decide about it: the data engine's semi-automatic
and fully automatic stages (Segment Anything, section 4).

An accepted proposal is a mask with the proposal's uuid as its id. Not for: finding masks, which the workers do.
"""
