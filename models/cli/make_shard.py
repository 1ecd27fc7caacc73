"""Pack a data folder into one tar that training and evaluation read: a shard.

python -m models.cli.make_shard --data DIR --output SETS/animals.tar [--split train] [--max-side 512]
"""

import argparse
import sys
from pathlib import Path

from models.sam.training.data_sources import DataError
from models.sam.training.shard import write_shard


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when written, 1 with one line on stderr for bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m models.cli.make_shard",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE.tar")
    parser.add_argument("--split", default="all", help="train, val or all")
    parser.add_argument("--max-side", type=int, help="resize larger images, pixels of the long side")
    options = parser.parse_args(arguments)
    try:
        images, masks = write_shard(options.data, options.output, options.split, options.max_side)
    except (DataError, ValueError) as error:
        print(f"make_shard: {error}", file=sys.stderr)
        return 1
    print(f"{options.output}: {images} images, {masks} masks, {options.output.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
