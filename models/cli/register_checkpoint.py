"""Register a checkpoint of SAM or MobileSAM as a model artifact.

    python -m models.cli.register_checkpoint sam_vit_b_01ec64.pth --output data/models
    python -m models.cli.register_checkpoint --download vit_b --output data/models
    python -m models.cli.register_checkpoint --download mobile_sam --output data/models
    python -m models.cli.register_checkpoint mine.pth --allow-unknown-hash --output data/models

A wrong, cut off or malicious file ends with one line and exit code 1, and nothing is registered.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from models.cli.timing_option import add_timing_option, timed_on
from models.sam.checkpoints import official_checkpoint, register_checkpoint
from models.sam.download import download_file, progress_bar
from models.sam.errors import ModelError
from models.sam.published import OFFICIAL


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", type=Path, nargs="?", help="checkpoint file (.pth, .pt, .safetensors)")
    names = ", ".join(checkpoint.name for checkpoint in OFFICIAL)
    source.add_argument("--download", metavar="NAME", help=f"fetch the published file: {names}")
    parser.add_argument("--output", type=Path, required=True, help="folder of the artifacts ($MODELS_DIR)")
    parser.add_argument("--url", help="with --download: a mirror; the published hash is still required")
    parser.add_argument("--model", help="what the file is, instead of recognising it by its shapes")
    parser.add_argument("--licence", help="licence of your own weights, noted in the manifest")
    parser.add_argument("--allow-unknown-hash", action="store_true", help="accept weights nobody published")
    add_timing_option(parser)
    options = parser.parse_args(arguments)
    try:
        path, downloaded = options.file, None
        if options.download:
            published = official_checkpoint(options.download)
            published = replace(published, url=options.url or published.url)
            folder = options.output / ".downloads"
            path = downloaded = download_file(
                published.url, folder / published.file_name, published.sha256, published.bytes, progress_bar
            )
        artifact = register_checkpoint(
            path,
            options.output,
            name=options.model,
            allow_unknown_hash=options.allow_unknown_hash,
            licence=options.licence,
            timed_on=timed_on(options),
        )
        if downloaded is not None:
            downloaded.unlink()  # the artifact holds its own copy
    except (ModelError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    state = "registered" if artifact.created else "was registered already"
    print(f"{artifact.manifest.name} {artifact.manifest.version} {state}: {artifact.folder}")
    if artifact.deviation is not None:
        print(f"largest deviation from torch: {artifact.deviation}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
