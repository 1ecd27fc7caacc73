"""The option of every command that makes artifacts: what the image encoder is timed on."""

import argparse

NOWHERE = "none"


def add_timing_option(parser: argparse.ArgumentParser) -> None:
    """--timed-on, as `timed_on` reads it."""
    parser.add_argument(
        "--timed-on",
        default="cpu",
        metavar="DEVICE",
        help="what the image encoder is timed on for the manifest: cpu, cuda or none (default: cpu)",
    )


def timed_on(options: argparse.Namespace) -> str | None:
    """The device, or None for no timing."""
    device: str = options.timed_on
    return None if device == NOWHERE else device
