"""`python -m tests.drills [--only NAME ...] [--json PATH]`: holds the fault drills and prints one table of them."""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.drills.drill import Report, run
from tests.drills.names import DRILLS
from tests.drills.scene import Ground
from tests.drills.servers import ServerMissing
from tests.drills.table import table
from tests.models.tiny import write_tiny


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description="Holds the fault drills.")
    parser.add_argument("--only", nargs="+", choices=DRILLS, metavar="NAME", help=", ".join(DRILLS))
    parser.add_argument("--json", type=Path, metavar="PATH", help="where the figures go too")
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="anymask-drills-"))
    # PostgreSQL's account has to pass through it.
    folder.chmod(0o755)
    # Told to end it takes its servers along, also where the shell has it pass over Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ground = Ground(folder, write_tiny(folder))
    reports = []
    try:
        for name in chosen.only or DRILLS:
            print(f"{name}: {DRILLS[name].says} ...", file=sys.stderr, flush=True)
            begun = time.monotonic()
            reports.append(_held(name, ground))
            verdict = "passed" if reports[-1].is_passed else reports[-1].left_out or "FAILED"
            print(f"{name}: {verdict}, {time.monotonic() - begun:.0f} s in all", file=sys.stderr, flush=True)
            for problem in reports[-1].problems:
                print(f"  {problem}", file=sys.stderr, flush=True)
            if chosen.json:
                # After each: the whole takes long.
                figures = [report.as_dict() for report in reports]
                chosen.json.write_text(json.dumps(figures, indent=1) + "\n")
    finally:
        ground.close()
    print(table(reports))
    is_left_out_wrongly = os.environ.get("CI") == "true" and any(report.left_out for report in reports)
    return int(is_left_out_wrongly or any(report.problems for report in reports))


def _held(name: str, ground: Ground) -> Report:
    try:
        return run(DRILLS[name], ground)
    except ServerMissing as error:
        return Report(name, left_out=f"not held: {error}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
