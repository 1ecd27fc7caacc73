"""The networks, with the parameter names of the published SAM checkpoints.

Not for: files, resizing of photographs.
"""
