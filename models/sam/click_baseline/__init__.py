"""A click segmenter in the manner of RITM (arXiv 2102.06583), to measure promptable models against. Not for labelling.

It is a network of convolutions that sees the photograph, the clicks as disks and its previous mask all at once; so each
click costs a run of the whole network, and each answer is one mask.
"""
