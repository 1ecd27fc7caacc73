"""Pre-training of image encoders as masked autoencoders (arXiv 2111.06377): no masks of objects are needed.

Not for the promptable stage, which takes the encoder from here (`--init-encoder`).
"""
