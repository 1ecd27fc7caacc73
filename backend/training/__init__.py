"""Retraining a model from what people accepted: what was trained of what, how well it did, which project uses which.

Not the training itself, which needs the models: `workers.training` does it.
"""
