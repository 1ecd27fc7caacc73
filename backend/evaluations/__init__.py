"""How good a model version is on a project's accepted masks, by one of the paper's experiments (Segment
Anything, section 7).

Not for: measuring, which the workers do with `models.sam.evaluation`.
"""
