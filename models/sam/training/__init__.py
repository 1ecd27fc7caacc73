"""Training of promptable models: losses, simulated clicks, data, schedules, checkpoints, the loop.

Depends on torch, numpy and Pillow only. Not for evaluation (that is `models.sam.evaluation`) and not for commands.
"""
