"""The promises made so far, `api_baseline.yml`: they may only become more. `python -m tests.contract.api_baseline`
adds what schema.yml has and the file has not; it changes nothing where a promise is broken, and says which."""

import sys
from pathlib import Path
from typing import Any, Final

import yaml

from backend.launch.layout import ROOT
from tests.contract.api_breaks import breaks
from tests.contract.api_promises import promises_of

BASELINE: Final = Path(__file__).with_name("api_baseline.yml")
ADVICE: Final = (
    "Programs of others rely on it. Keep the old way beside the new one, or put the new one under /api/v2/ "
    "(ARCHITECTURE.md, section 5). Where nobody can rely on it yet, or a hole must be shut: change "
    "tests/contract/api_baseline.yml by hand in the same commit and say so in CHANGELOG.md under **Breaking**."
)
_HEAD: Final = "# Written by `make schema`: what clients of /api/v1/ rely on. It may only become more.\n"


def schema_read() -> dict[str, Any]:
    """The committed schema.yml."""
    schema: dict[str, Any] = yaml.load((ROOT / "schema.yml").read_text(), Loader=yaml.CSafeLoader)
    return schema


def baseline_read() -> dict[str, Any]:
    baseline: dict[str, Any] = yaml.load(BASELINE.read_text(), Loader=yaml.CSafeLoader)
    return baseline


def baseline_text(promises: dict[str, Any]) -> str:
    """One line for each field, in an order of its own."""
    return _HEAD + yaml.dump(
        promises, Dumper=yaml.CSafeDumper, default_flow_style=None, sort_keys=True, width=1000
    )


def main() -> int:
    promises = promises_of(schema_read())
    broken = breaks(baseline_read(), promises) if BASELINE.exists() else []
    if broken:
        print("\n".join([*broken, ADVICE]), file=sys.stderr)
        return 1
    BASELINE.write_text(baseline_text(promises))
    return 0


if __name__ == "__main__":
    sys.exit(main())
