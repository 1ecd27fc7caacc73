"""Edges from masks, and the boundary benchmark of BSDS500 (SAM paper, section 7.2 and appendix D.2).

Not for masks themselves: those are measured in `models.sam.evaluation`.
"""
