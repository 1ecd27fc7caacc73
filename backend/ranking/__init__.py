"""In which order people are given the images that nobody has begun.

Not for: computing the ranks, which the workers do, nor for giving images out, which `backend.work` does.
"""
