"""Segment Anything, written from the specification: network, preparation of images, prediction, export.

Not for: HTTP, databases, queues. Nothing here imports Django or Celery, and importing this package alone
loads no torch.
"""
