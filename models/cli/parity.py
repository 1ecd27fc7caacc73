"""Print how far the models are from the golden arrays: group, arrays, largest absolute error, tolerance.

    python -m models.cli.parity [--golden tests/data/golden] [--model tiny --model vit_b ...] [--device cpu]

Exit code 1 when an array is out of tolerance.
"""

import argparse
import sys
import time
from pathlib import Path

from models.sam.errors import ModelError
from models.sam.parity.fullsize import fullsize_checks
from models.sam.parity.golden import Check
from models.sam.parity.tiny import tiny_checks

MODELS = ("tiny", "mobile_sam", "vit_b", "vit_l", "vit_h")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--golden", type=Path, default=Path("tests/data/golden"))
    parser.add_argument("--model", action="append", choices=MODELS)
    parser.add_argument("--device", default="cpu", help="for the full-size models")
    options = parser.parse_args(arguments)
    passed = True
    for name in options.model or MODELS:
        start = time.perf_counter()
        try:
            if name == "tiny":
                checks = tiny_checks(options.golden)
            else:
                checks = fullsize_checks(options.golden, name, options.device)
        except ModelError as error:
            print(error, file=sys.stderr)
            return 1
        print_table(checks)
        print(f"{name}: {len(checks)} arrays in {time.perf_counter() - start:.1f} s\n", flush=True)
        passed = passed and all(check.passed for check in checks)
    return 0 if passed else 1


def print_table(checks: list[Check]) -> None:
    """One line per group: its arrays, the worst error, its tolerance, and the keys that failed."""
    print(f"{'array group':34} {'arrays':>6} {'max abs error':>14} {'tolerance':>10}")
    for group in dict.fromkeys(check.group for check in checks):
        members = [check for check in checks if check.group == group]
        failed = [check.key for check in members if not check.passed]
        verdict = f"FAILED: {', '.join(failed)}" if failed else "ok"
        allowed = max(check.tolerance for check in members)
        tolerance = "exact" if allowed == 0 else f"{allowed:.0f} px" if allowed >= 1 else f"{allowed:.0e}"
        worst = max(check.max_error for check in members)
        print(f"{group:34} {len(members):6} {worst:14.2e} {tolerance:>10}  {verdict}")


if __name__ == "__main__":
    sys.exit(main())
