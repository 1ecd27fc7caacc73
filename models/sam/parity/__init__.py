"""Comparison with stored answers of the reference implementation. Not for: quality of trained weights."""
