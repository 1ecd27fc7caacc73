"""Measuring promptable models: evaluation clicks, the protocol, the report. Not for training."""
