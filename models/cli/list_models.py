"""The models of a folder of artifacts, and the published ones that are not there, as a table.

    python -m models.cli.list_models data/models
    python -m models.cli.list_models data/models --json

Seconds are those measured when the artifact was made: of the image encoder for one image on the device that is named,
of the decoder for one click on the processor. Nothing is loaded. Exit code 1 if a manifest cannot be read; the others
are listed.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from models.sam.errors import ModelError
from models.sam.manifest import FILE_NAME, Manifest, read_manifest
from models.sam.published import OFFICIAL

COLUMNS = (
    *("name", "version", "architecture", "parameters", "MB", "licence", "parents"),
    *("s/image", "s/click", "timed on", "metrics"),
)
RIGHT = ("parameters", "MB", "s/image", "s/click")
NOTHING = "-"
MEGABYTE = 1_000_000
SPEED = ("encoder_seconds", "prepare_seconds", "click_seconds", "speed_device", "speed_threads")
ELSEWHERE = (*SPEED, "retrained_from")  # metrics with a column of their own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of the artifacts ($MODELS_DIR)")
    parser.add_argument("--json", action="store_true", help="the manifests as a JSON list instead")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"There is no folder {options.folder}.", file=sys.stderr)
        return 1
    manifests, refused = [], False
    for found in manifests_of(options.folder):
        if isinstance(found, Manifest):
            manifests.append(found)
        else:
            refused = True
            print(found, file=sys.stderr)
    if options.json:
        print(json.dumps([asdict(manifest) for manifest in manifests], indent=2))
        return int(refused)
    print(table([COLUMNS, *(row_of(manifest) for manifest in manifests)]))
    here = {(manifest.name, manifest.version) for manifest in manifests}
    for checkpoint in OFFICIAL:
        if (checkpoint.name, checkpoint.version) not in here:
            size = f"{checkpoint.bytes / MEGABYTE:,.0f} MB, {checkpoint.licence}"
            print(f"not here: {checkpoint.name} ({size}); register_checkpoint --download {checkpoint.name}")
    return int(refused)


def manifests_of(folder: Path) -> Iterator[Manifest | ModelError]:
    """The manifests below a folder of artifacts, by name and the newest last; errors for those that cannot be read."""
    paths = folder.glob(f"[!.]*/[!.]*/{FILE_NAME}")
    for path in sorted(paths, key=lambda path: (path.parent.parent.name, path.stat().st_mtime_ns)):
        try:
            yield read_manifest(path.parent)
        except ModelError as error:
            yield ModelError(error.code, f"{path.parent}: {error.message}")


def row_of(manifest: Manifest) -> tuple[str, ...]:
    """What the table says of a model, in the order of `COLUMNS`."""
    metrics = manifest.metrics
    device = metrics.get("speed_device")
    others = (
        f"{name}={value:g}"
        for name, value in metrics.items()
        if name not in ELSEWHERE and isinstance(value, (int, float))
    )
    return (
        manifest.name,
        manifest.version,
        manifest.architecture,
        f"{manifest.parameters:,}",
        f"{manifest.weights.bytes / MEGABYTE:,.1f}",
        manifest.licence,
        ", ".join(manifest.parents) or NOTHING,
        _seconds(metrics.get("encoder_seconds")),
        _seconds(metrics.get("click_seconds")),
        f"{device}, {metrics.get('speed_threads')} threads" if device else NOTHING,
        " ".join(others) or NOTHING,
    )


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines, columns as wide as their widest cell, those of numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if name in RIGHT else cell.ljust(width)
            for cell, width, name in zip(row, widths, COLUMNS, strict=True)
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _seconds(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, (int, float)) else NOTHING


if __name__ == "__main__":
    sys.exit(main())
