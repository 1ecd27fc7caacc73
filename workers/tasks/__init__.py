"""Celery tasks, one file per noun, each a few lines: claim, compute, store."""
