"""How long uploaded photographs wait for their embeddings: foretold by a simulation, and measured beside it.

python -m tests.bench.queueing measure --database postgres://user@host/empty [--redis redis://127.0.0.1:6379/8]
        [--workers 1 2] [--burst 60] [--batch 4] [--threads 1] [--model anymask_s] [--open-every 3] [--json PATH]
python -m tests.bench.queueing foretell [--one 0.5] [--full 1.6] [--batch 4] [--workers 1 2 4 8]
        [--bursts 100 1000 10000] [--upload-per-second 10] [--json PATH]
python -m tests.bench.queueing plan --annotators 1000 --images-a-day 100000 --images 11000000 [--json PATH]

`measure` runs an installation with one worker, then with more. Each tells its costs first: a photograph alone, a full
batch, and how much slower the encoder is while all workers compute (on one machine they share its cores). Then a burst
is uploaded while somebody asks for windows of an open image, which have priority. The simulation gets these costs and the
times of the requests, and says how long each waits. Both are printed, and how far the simulation is off; "at pace" is
with the seconds that the encoder took in the burst. `foretell` only
simulates, `plan` multiplies. Not a test: times depend on the machine.
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.bench.load import foreign_percent, read_cpu_times
from tests.bench.queueing import measuring, plan
from tests.bench.queueing.simulation import RUNS, Arrival, Costs, many_waits

FIGURES = ("median", "p95", "longest", "total")


def main() -> None:
    """Measure or foretell, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    add = (measure := commands.add_parser("measure")).add_argument
    add("--database", required=True, help="an empty one, of PostgreSQL")
    add("--redis", default="redis://127.0.0.1:6379/8")
    add("--workers", type=int, nargs="+", default=[1, 2], help="the first figure must be 1")
    add("--burst", type=int, default=60)
    add("--batch", type=int, default=4)
    add("--threads", type=int, default=1, help="of each worker's encoder")
    add("--model", default="anymask_s")
    add("--open-every", type=float, default=3.0, help="seconds from one window to the next")
    add("--json", type=Path)
    measure.set_defaults(run=measured)
    add = (foretell := commands.add_parser("foretell")).add_argument
    add("--one", type=float, default=0.5, help="seconds of a batch of one image")
    add("--full", type=float, default=1.6, help="seconds of a full batch")
    add("--batch", type=int, default=4)
    add("--workers", type=int, nargs="+", default=[1, 2, 4, 8])
    add("--bursts", type=int, nargs="+", default=[100, 1000, 10_000])
    add("--upload-per-second", type=float, default=10.0)
    add("--json", type=Path)
    foretell.set_defaults(run=foretold)
    plan.add_arguments(team := commands.add_parser("plan"))
    team.add_argument("--json", type=Path)
    team.set_defaults(run=plan.planned)
    options = parser.parse_args()
    report = options.run(options)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Both, for each number of workers."""
    if options.workers[0] != 1:
        raise SystemExit("The costs of one worker are measured first: --workers 1 ...")
    before, report, slower = read_cpu_times(), dict[str, Any](), [1.0]
    one = full = alone = 0.0
    with TemporaryDirectory() as folder:
        for workers in options.workers:
            with measuring.running(
                Path(folder),
                options.model,
                options.database,
                options.redis,
                workers=workers,
                batch=options.batch,
                threads=options.threads,
            ) as site:
                seconds, encoded = measuring.seconds_of_full(site, batches=6)
                if workers == 1:
                    one, full, alone = measuring.seconds_of_one(site, singles=8), seconds, encoded
                else:
                    # What lies between two measured numbers of workers is taken to be as the larger one.
                    slower += [encoded / alone] * (workers - len(slower))
                rows = measuring.burst(site, options.burst, options.open_every)
            costs = Costs(one, full, options.batch, tuple(slower))
            report[str(workers)] = compared(workers, costs, encoded, rows)
    report["foreign_cpu_percent"] = foreign_percent(before, read_cpu_times())
    print(f"Other processes used {report['foreign_cpu_percent']:.1f} % of the processor.")
    return report


def compared(
    workers: int, costs: Costs, encoded: float, rows: Sequence[measuring.Embedded]
) -> dict[str, Any]:
    """The burst's figures as they were and as the simulation says: with the costs from before it (`encoded` seconds an
    image are the encoder's), and with these at the encoder's pace of meanwhile, since others may use the machine too."""
    arrivals = measuring.arrivals_of(rows)
    pace = statistics.median(row.encoded for row in rows) / encoded
    meanwhile = replace(costs, one_seconds=pace * costs.one_seconds, full_seconds=pace * costs.full_seconds)
    before, paced = (
        many_waits(arrivals, some, workers, sweep_seconds=measuring.SWEEP_SECONDS)
        for some in (costs, meanwhile)
    )
    really = [row.ready - row.queued for row in rows]
    print(
        f"\n{workers} workers: one image {costs.one_seconds:.2f} s, {costs.batch} in {costs.full_seconds:.2f} s, "
        f"{costs.slower[-1]:.2f} times as long with all at work; an image took the encoder {pace:.2f} times as long "
        f"in the burst; requests within {max(arrival.at for arrival in arrivals):.1f} s"
    )
    head = ("images", "figure", "measured s", "foretold s", "off %", "at pace s", "off %")
    print(f"{'':22}" + "".join(f"{text:>12}" for text in head))
    table = []
    for name, wanted in (("in the burst", False), ("windows, open image", True)):
        chosen = [number for number, arrival in enumerate(arrivals) if (arrival.priority > 0) == wanted]
        if not chosen:
            continue
        real = figures(arrivals, really, chosen)
        for figure in FIGURES:
            row: dict[str, Any] = {"of": name, "images": len(chosen), "figure": figure}
            row["measured"] = real[figure]
            for way, runs in (("foretold", before), ("at pace", paced)):
                expected = float(np.mean([figures(arrivals, waits, chosen)[figure] for waits in runs]))
                row |= {way: expected, f"{way}, off percent": 100 * (expected / real[figure] - 1)}
            numbers = "".join(f"{value:12.2f}" for value in list(row.values())[3:])
            print(f"{name:22}{len(chosen):12}{figure:>12}{numbers}", flush=True)
            table.append(row)
    return {"costs": vars(costs), "pace": pace, "figures": table, "rows": [vars(row) for row in rows]}


def figures(arrivals: Sequence[Arrival], waits: Sequence[float], chosen: Sequence[int]) -> dict[str, float]:
    """Of the chosen ones. `total` goes from the first request to the last embedding."""
    waited = np.array([waits[number] for number in chosen])
    first = min(arrivals[number].at for number in chosen)
    return {
        "median": float(np.median(waited)),
        "p95": float(np.percentile(waited, 95)),
        "longest": float(waited.max()),
        "total": max(arrivals[number].at + waits[number] for number in chosen) - first,
    }


def foretold(options: argparse.Namespace) -> list[dict[str, Any]]:
    """How the wait grows with the burst, and shrinks with workers on machines (or GPUs) of their own."""
    costs = Costs(options.one, options.full, options.batch)
    print(
        f"one image {costs.one_seconds:g} s, {costs.batch} in {costs.full_seconds:g} s, "
        f"{options.upload_per_second:g} uploaded a second"
    )
    print(f"{'images':>8}{'workers':>9}" + "".join(f"{figure + ' s':>12}" for figure in FIGURES))
    report = []
    for images in options.bursts:
        arrivals = [Arrival(number / options.upload_per_second) for number in range(images)]
        for workers in options.workers:
            runs = many_waits(arrivals, costs, workers, runs=RUNS if images < 1000 else 3)
            every = [figures(arrivals, waits, range(images)) for waits in runs]
            row = {figure: float(np.mean([one[figure] for one in every])) for figure in FIGURES}
            print(f"{images:8}{workers:9}" + "".join(f"{value:12.1f}" for value in row.values()), flush=True)
            report.append({"images": images, "workers": workers, **row})
    return report


if __name__ == "__main__":
    main()
