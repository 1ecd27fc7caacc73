"""How fast the server answers a hundred annotators, how many it bears, and Label Studio in the same run.

python -m tests.bench.annotators --database postgres://user@host/empty [--annotators 100] [--every 10] [--seconds 60]
        [--redis redis://127.0.0.1:6379/8] [--label-studio VENV --label-studio-database postgres://user@host/empty2]
        [--limit-ms 300] [--json PATH]

Each opens an image, fetches its embedding and saves a mask every ten seconds. Then there are more and more of them, until
95 of 100 answers take longer than `--limit-ms`; or fewer and fewer, where that many are too many at once. Not a test:
times depend on the machine, which also has to be the annotators.
VENV: `python -m venv VENV && VENV/bin/pip install label-studio gunicorn`.
"""

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from tests.bench.annotators import label_studio, ours
from tests.bench.annotators.people import Answers, Cycle, observe
from tests.bench.load import foreign_percent, read_cpu_times

MOST = 3200  # people of whom there is a token: more than two cores bear
GROWTH = 1.5


class Served(Protocol):
    """A site that runs."""

    @property
    def address(self) -> str: ...

    @property
    def everybody(self) -> list[dict[str, str]]: ...

    @property
    def cycle(self) -> Cycle: ...


def main() -> None:
    """Measure, print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--database", required=True, help="an empty one, of PostgreSQL")
    add("--redis", default="redis://127.0.0.1:6379/8")
    add("--annotators", type=int, default=100)
    add("--every", type=float, default=10.0, help="seconds from one mask of a person to the next")
    add("--seconds", type=float, default=60.0, help="of each stage")
    add("--images", type=int, default=300, help="so many that few masks come to each")
    add("--limit-ms", type=float, default=300.0)
    add("--most", type=int, default=MOST)
    add("--label-studio", type=Path, metavar="VENV")
    add("--label-studio-database", help="an empty one, of PostgreSQL")
    add("--json", type=Path)
    options = parser.parse_args()
    report: dict[str, Any] = {}
    before = read_cpu_times()
    with (
        TemporaryDirectory() as folder,
        ours.running(Path(folder), options.database, options.redis, options.most, options.images) as site,
    ):
        report["Anymask"] = measured("Anymask", site, options)
    if options.label_studio:
        with (
            TemporaryDirectory() as folder,
            label_studio.running(
                Path(folder),
                options.label_studio,
                options.label_studio_database,
                options.most,
                options.images,
            ) as other,
        ):
            report["Label Studio"] = measured("Label Studio", other, options)
    report["foreign_cpu_percent"] = foreign_percent(before, read_cpu_times())
    print(f"Other processes used {report['foreign_cpu_percent']:.1f} % of the processor.")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


def measured(name: str, site: Served, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The stages: the number asked for, then more until the limit, or fewer until it is kept."""
    print(f"\n{name}: everybody saves a mask every {options.every:g} s", flush=True)
    head = ("annotators", "answer", "requests", "per s", "p50 ms", "p95 ms", "p99 ms", "errors")
    print("".join(f"{text:>12}" for text in head), flush=True)
    # What is first used is loaded first.
    observe(site.address, site.everybody[:10], site.cycle, 1.0, 10.0)
    stages: list[dict[str, Any]] = []
    people: int | None = options.annotators
    while people is not None:
        answers = observe(site.address, site.everybody[:people], site.cycle, options.every, options.seconds)
        rows = [row(people, kind, answers) for kind in (None, *answers.waited)]
        for one in rows:
            print("".join(f"{text:>12}" for text in shown(one)), flush=True)
        for failure, count in answers.failed.items():
            print(f"{'':>12}{count} times {failure}", flush=True)
        is_borne = rows[0]["p95"] <= options.limit_ms and not answers.failed
        stages.append(
            {"annotators": people, "is_borne": is_borne, "rows": rows, "failed": dict(answers.failed)}
        )
        people = next_number([(stage["annotators"], stage["is_borne"]) for stage in stages], options.most)
    borne = [stage["annotators"] for stage in stages if stage["is_borne"]]
    print(
        f"{name} bears {max(borne, default=0)} annotators below {options.limit_ms:g} ms for 95 of 100 answers."
    )
    return stages


def next_number(seen: Sequence[tuple[int, bool]], most: int) -> int | None:
    """How many people come next, after stages of so many that were borne or not: more by half until they are too many, or
    fewer by a third until they are not; None at the end."""
    people, is_borne = seen[-1]
    if is_borne != seen[0][1]:
        return None
    if is_borne:
        return min(math.ceil(people * GROWTH), most) if people < most else None
    return int(people / GROWTH) or None


def row(people: int, kind: str | None, answers: Answers) -> dict[str, Any]:
    """Of one kind of request, or of all."""
    count = len(answers.waited[kind]) if kind else answers.requests
    p50, p95, p99 = answers.percentiles(kind)
    failed = sum(number for name, number in answers.failed.items() if kind is None or name.startswith(kind))
    return {
        "annotators": people,
        "kind": kind or "all",
        "requests": count,
        "per_second": count / answers.seconds,
        "p50": p50,
        "p95": p95,
        "p99": p99,
        "errors": failed,
    }


def shown(row: dict[str, Any]) -> list[str]:
    """The row's cells."""
    numbers = [f"{row[name]:.1f}" for name in ("per_second", "p50", "p95", "p99")]
    return [str(row["annotators"]), row["kind"], str(row["requests"]), *numbers, str(row["errors"])]


if __name__ == "__main__":
    main()
