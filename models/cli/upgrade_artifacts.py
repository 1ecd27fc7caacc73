"""Export artifacts of an older format again, from the weights they hold.

    python -m models.cli.upgrade_artifacts --output data/models

Names and versions stay as they are, so `manage.py register_models` afterwards gives the registered models their new
graphs; embeddings and projects are not touched. Artifacts of the present format are left alone. Exit code 1 if one
could not be exported; the others are.
"""

import argparse
import sys
from pathlib import Path

from models.sam.artifact import upgrade_artifacts
from models.sam.errors import ModelError


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the artifacts ($MODELS_DIR)")
    failed = False
    for folder, outcome in upgrade_artifacts(parser.parse_args(arguments).output):
        failed |= isinstance(outcome, ModelError)
        print(f"{folder}: {outcome}", file=sys.stderr if isinstance(outcome, ModelError) else sys.stdout)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
