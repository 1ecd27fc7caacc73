"""Thin commands, run as `python -m models.cli.<verb_noun>`. Not for: logic."""
