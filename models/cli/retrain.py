"""Retrain a model from the masks in a folder: `python -m models.cli.retrain FOLDER [--with-parent]`

FOLDER holds `spec.json` and `data.tar` (see `models.sam.training.retrain`); run again, it goes on where it was. A worker
starts it and holds the other end of its standard input: `--with-parent` ends it as soon as that is gone.
"""

import argparse
import fcntl
import os
import sys
import threading
from pathlib import Path

from models.sam.errors import ModelError
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.data_sources import DataError
from models.sam.training.retrain import Stopped, retrain

STOPPED = 75  # exit status: told to end, what was done is saved
NICENESS = 5  # pictures that people wait for are computed beside it


def end_with_parent() -> None:
    """Ends this process when the other end of its standard input is closed, which a killed parent's is."""

    def wait() -> None:
        # Not by `sys.stdin`, whose lock this thread would still hold when the interpreter ends, which aborts it.
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 75 when told to end, 1 with one line on stderr for what cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m models.cli.retrain",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--with-parent", action="store_true", help="end when standard input does")
    options = parser.parse_args(arguments)
    if options.with_parent:
        end_with_parent()
        os.nice(NICENESS)
    try:
        # Two in one folder would spoil each other's files: the second waits for the first to end.
        with (options.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            result = retrain(options.folder)
    except Stopped:
        return STOPPED
    except (ValueError, DataError, CheckpointError, ModelError, FloatingPointError, OSError) as error:
        print(f"retrain: {error}", file=sys.stderr)
        return 1
    parent, child = (result["metrics"][name]["mean_miou"] for name in ("parent", "child"))
    print(f"{result['name']}@{result['version']}: mean IoU {parent} before, {child} after")
    return 0


if __name__ == "__main__":
    sys.exit(main())
