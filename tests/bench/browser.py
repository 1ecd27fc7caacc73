"""`make bench-browser`: the decoder's graphs timed in headless Chromium, interleaved, in one run of one page; then the
application itself: opening images, frames with many masks, memory.

python -m tests.bench.browser [--rounds 30] [--threads 1 2] [--images 50] [--masks 1000] [--json PATH]
"""

import argparse
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page, sync_playwright

from backend.launch.browser import CHROMIUM_FLAGS, find_browser
from backend.launch.layout import FRONTEND
from backend.launch.node_env import ensure_node
from tests.bench import application
from tests.bench.graphs import GRAPHS, BenchModel, export_all
from tests.bench.load import CpuTimes, foreign_percent, read_cpu_times
from tests.bench.site import serve_folders

WARM_UP = 3
BUSY_PERCENT = 5.0
REFERENCE = "official_single"
# What can be drawn.
DRAWN = (REFERENCE, "click")
PARTS = ("graphs", "application")
# Otherwise a page's memory is told at its next garbage collection, some time within a minute.
MEASURE_AT_ONCE = "--enable-blink-features=ForceEagerMeasureMemory"


def main() -> None:
    """Measure, print the table, write the JSON file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--images", type=int, default=50, help="opened one after the other")
    parser.add_argument("--masks", type=int, default=1000, help="on the image with the frame times")
    parser.add_argument(
        "--runs", type=int, default=30, help="of opening an image, of which the median is taken"
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if "application" in options.parts and options.images <= options.runs:
        # Each opens another image, and after it the next two.
        parser.error(f"{options.runs} runs of opening need more than {options.runs} images")
    result: dict[str, Any] = {}

    def keep(part: dict[str, Any]) -> None:
        """At once: hours of measuring are not lost with what comes after them."""
        result.update(part)
        if options.json:
            options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")

    if "graphs" in options.parts:
        keep(measure(options.threads, options.rounds))
        print(table(result), flush=True)
    if "application" in options.parts:
        for part in measure_product(options.images, options.masks, options.runs):
            keep(part)
        print(application.table(result))


def measure(threads: list[int], rounds: int) -> dict[str, Any]:
    """The JSON file's content. Times are medians in milliseconds over `rounds` after a warm-up."""
    browser_path = find_browser()
    if not browser_path:
        raise SystemExit("no Chromium; install one or set CHROMIUM=/path/to/it")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        models = export_all(Path(folder))
        bundle_ours(Path(folder) / "built")
        roots = {
            "page": Path(__file__).parent / "page",
            "ort": FRONTEND / "node_modules" / "onnxruntime-web" / "dist",
            "graphs": Path(folder),
            "built": Path(folder) / "built",
        }
        browser = playwright.chromium.launch(executable_path=browser_path, args=CHROMIUM_FLAGS)
        with serve_folders(roots) as address:
            page = browser.new_page()
            page.goto(f"{address}/page/index.html")
            if not page.evaluate("crossOriginIsolated"):
                raise SystemExit("the page is not cross-origin isolated: no threads to measure")
            rows: list[dict[str, Any]] = []
            drawn: list[dict[str, Any]] = []
            foreign = {}
            for count in threads:
                measured, drawings, foreign[str(count)] = measure_threads(page, models, count, rounds)
                rows += measured
                drawn += drawings
        version = browser.version
        browser.close()
    return {
        "foreign_cpu_percent": max(foreign.values()),
        "foreign_cpu_percent_by_threads": foreign,
        "rounds": rounds,
        "cores": os.cpu_count(),
        "browser": version,
        "rows": rows,
        "drawn": drawn,
    }


def bundle_ours(folder: Path) -> None:
    """The application's modules that the page needs, as one file that browsers read."""
    rolldown = FRONTEND / "node_modules" / ".bin" / "rolldown"
    entry = Path(__file__).parent / "page" / "ours.ts"
    target = folder / "ours.js"
    command = [str(rolldown), str(entry), "--format", "esm", "--file", str(target)]
    subprocess.run(
        command, check=True, cwd=FRONTEND, env=ensure_node().environment, stdout=subprocess.DEVNULL
    )


def measure_product(images: int, masks: int, runs: int) -> Iterator[dict[str, Any]]:
    """The JSON file's further keys: `opening`, `frames`, `memory`, and how busy the machine was with other things."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=[*CHROMIUM_FLAGS, MEASURE_AT_ONCE]
        )
        before = read_cpu_times()
        yield from application.measure_application(browser, images=images, masks=masks, runs=runs)
        yield {"foreign_cpu_percent_application": foreign_percent(before, read_cpu_times())}
        browser.close()


def measure_threads(
    page: Page, models: list[BenchModel], threads: int, rounds: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    """One row per graph and model, one per way to a drawn mask, and what others took of the processor, in percent."""
    created = page.evaluate(
        "([threads, models]) => startThreads(threads, models)", [threads, [asdict(model) for model in models]]
    )
    for _ in range(WARM_UP):
        page.evaluate("runRound()")
    before: CpuTimes = read_cpu_times()
    times = [page.evaluate("runRound()") for _ in range(rounds)]
    names = [model.name for model in models]
    for _ in range(WARM_UP):
        page.evaluate("names => drawRound(names)", names)
    drawings = [page.evaluate("names => drawRound(names)", names) for _ in range(rounds)]
    foreign = foreign_percent(before, read_cpu_times())
    page.evaluate("endThreads()")
    rows = []
    for model in models:
        medians = {graph: median(one[f"{model.name} {graph}"] for one in times) for graph in GRAPHS}
        rows += [
            {
                "graph": graph,
                "model": model.name,
                "threads": threads,
                "median_ms": round(medians[graph], 2),
                "ratio_vs_official_single": round(medians[REFERENCE] / medians[graph], 3),
                "session_ms": round(created[f"{model.name} {graph}"], 1),
                "bytes": model.bytes[graph],
            }
            for graph in GRAPHS
        ]
    return rows, drawn_rows(names, threads, drawings), foreign


def drawn_rows(names: list[str], threads: int, drawings: list[dict[str, float]]) -> list[dict[str, Any]]:
    """Click to drawn mask: the official graph and its demo's way to draw, and ours."""
    rows = []
    for name in names:
        medians = {graph: median(one[f"{name} {graph}"] for one in drawings) for graph in DRAWN}
        rows += [
            {
                "graph": graph,
                "model": name,
                "threads": threads,
                "median_ms": round(medians[graph], 2),
                "ratio_vs_official_single": round(medians[REFERENCE] / medians[graph], 3),
            }
            for graph in DRAWN
        ]
    return rows


def table(result: dict[str, Any]) -> str:
    """The rows for people, with a warning where the machine was not ours."""
    lines = [
        f"{result['browser']}, {result['cores']} cores, medians of {result['rounds']} rounds, interleaved",
        f"{'model':<11}{'graph':<17}{'threads':>8}{'ms':>9}{'x official single':>19}{'session ms':>12}{'bytes':>12}",
    ]
    for row in result["rows"]:
        ratio = f"{row['ratio_vs_official_single']:.2f}"
        lines.append(
            f"{row['model']:<11}{row['graph']:<17}{row['threads']:>8}{row['median_ms']:>9.1f}{ratio:>19}"
            f"{row['session_ms']:>12.0f}{row['bytes']:>12,}"
        )
    lines.append(f"{'click to drawn mask, photograph of 1500 x 2250':<50}")
    for row in result["drawn"]:
        ratio = f"{row['ratio_vs_official_single']:.2f}"
        lines.append(
            f"{row['model']:<11}{row['graph']:<17}{row['threads']:>8}{row['median_ms']:>9.1f}{ratio:>19}"
        )
    foreign = result["foreign_cpu_percent"]
    lines.append(f"Other processes used {foreign:.1f} % of the processor.")
    if foreign > BUSY_PERCENT:
        lines.append(f"That is more than {BUSY_PERCENT:.0f} %: these times are void.")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
