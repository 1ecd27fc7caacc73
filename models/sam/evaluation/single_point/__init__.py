"""Masks from single clicks and a few corrections, beside a click segmenter's (SAM paper, sections 7.1 and D.1)."""
